import { isKnown, type Picture } from '../../trace/picture'
import {
  CANCELLED,
  CELL,
  FAILED,
  RETURNED,
  RLM,
  ROLES,
  ROOT,
  RUNNING,
  SUB_QUERY,
  SUBMITTED,
  THING_KINDS,
  TIMEOUT,
  TOOL,
  UNHEARD,
  UNKNOWN_COST,
} from '../../trace/picture.gen'
import { usageOf, wasExecuted } from '../../trace/totals'

/** Everything that hangs together, with what each branch adds up to. Index: row of Things. */
export interface Forest {
  picture: Picture
  /** Children of each thing, one after the other: `first[t]` up to `first[t + 1]`. */
  first: Int32Array
  children: Int32Array
  start_us: Float64Array
  end_us: Float64Array
  /** Sums over the branch; NaN while no part is known. */
  msat: Float64Array
  nanos: Float64Array
  /** What of these was recorded in one currency alone; 0 for nothing. */
  apart_msat: Float64Array
  apart_nanos: Float64Array
  tokens: Float64Array
  spans: Float64Array
  /** Attempts of the branch whose cost nobody knows. */
  unknown: Int32Array
  /** … whose tokens nobody knows; and those whose tokens are estimated. */
  untold: Int32Array
  estimated: Int32Array
  /** How many sub-queries and nodes are in the branch, itself included. */
  size: Int32Array
  /** The worst state of the branch. */
  worst: Uint8Array
}

const LOUDNESS: Record<number, number> = {
  [RETURNED]: 0,
  [SUBMITTED]: 1,
  [CANCELLED]: 2,
  [RUNNING]: 3,
  [TIMEOUT]: 4,
  [FAILED]: 5,
}

export function forest(picture: Picture): Forest {
  const { things } = picture
  const n = things.rows
  const parents = parentsOf(picture)
  const made = { picture, ...linked(picture, parents, n), ...own(picture, n) }
  const order = preorder(made.first, made.children)
  for (let i = order.length - 1; i > 0; i -= 1) addUp(made, order[i], parents[order[i]])
  return made
}

/** The parent of each thing; the root's is itself. A parent that was never heard of is the root. */
function parentsOf({ things, queries, nodes }: Picture): Int32Array {
  const parents = new Int32Array(things.rows)
  for (let row = 0; row < queries.rows; row += 1) parents[queries.thing[row]] = queries.parent[row]
  for (let row = 0; row < nodes.rows; row += 1) parents[nodes.thing[row]] = nodes.parent[row]
  parents[ROOT] = ROOT
  for (let thing = 1; thing < things.rows; thing += 1)
    if (isCircle(parents, thing)) parents[thing] = ROOT
  return parents
}

const DEEPEST = 4096

function isCircle(parents: Int32Array, thing: number): boolean {
  let at = parents[thing]
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    if (at === ROOT) return false
    if (at === thing) return true
    at = parents[at]
  }
  return true
}

function linked(picture: Picture, parents: Int32Array, n: number) {
  const first = new Int32Array(n + 1)
  const isThere = (thing: number) => isKnown(picture, thing)
  for (let thing = 1; thing < n; thing += 1) if (isThere(thing)) first[parents[thing] + 1] += 1
  for (let thing = 0; thing < n; thing += 1) first[thing + 1] += first[thing]
  const next = first.slice(0, n)
  const children = new Int32Array(Math.max(0, n - 1))
  for (let thing = 1; thing < n; thing += 1) {
    if (!isThere(thing)) continue
    children[next[parents[thing]]] = thing
    next[parents[thing]] += 1
  }
  return { first, children }
}

/** What each thing is by itself. */
function own(picture: Picture, n: number) {
  const column = () => new Float64Array(n).fill(Number.NaN)
  const made = {
    start_us: column(),
    end_us: column(),
    msat: column(),
    nanos: column(),
    apart_msat: new Float64Array(n),
    apart_nanos: new Float64Array(n),
    tokens: column(),
    spans: column(),
    unknown: new Int32Array(n),
    untold: new Int32Array(n),
    estimated: new Int32Array(n),
    size: new Int32Array(n),
    worst: new Uint8Array(n),
  }
  const { queries, nodes, things } = picture
  for (let row = 0; row < queries.rows; row += 1)
    if (things.kind[queries.thing[row]] !== UNHEARD) ownQuery(picture, row, made)
  for (let row = 0; row < nodes.rows; row += 1) {
    const thing = nodes.thing[row]
    if (things.kind[thing] === UNHEARD) continue
    made.start_us[thing] = nodes.started_us[row]
    made.end_us[thing] = nodes.ended_us[row]
    made.worst[thing] = nodes.state[row]
    made.size[thing] = 1
  }
  for (let thing = 1; thing < things.rows; thing += 1)
    if (made.size[thing] === 0) made.worst[thing] = RETURNED
  made.start_us[ROOT] = 0
  made.end_us[ROOT] = picture.run.ended_us ?? Number.NaN
  made.worst[ROOT] = RETURNED
  return made
}

type Own = ReturnType<typeof own>

function ownQuery(picture: Picture, row: number, made: Own): void {
  const { queries, attempts } = picture
  const thing = queries.thing[row]
  made.size[thing] = 1
  made.worst[thing] = queries.state[row]
  made.end_us[thing] = queries.ended_us[row]
  made.start_us[thing] = queries.submitted_us[row]
  for (let at = queries.first[row]; at >= 0; at = attempts.next[at]) {
    if (Number.isNaN(made.start_us[thing])) made.start_us[thing] = attempts.started_us[at]
    const [msat, nanos] = [attempts.cost_msat[at], attempts.cost_usd_nanos[at]]
    made.msat[thing] = plus(made.msat[thing], msat)
    made.nanos[thing] = plus(made.nanos[thing], nanos)
    if (Number.isNaN(nanos)) made.apart_msat[thing] += msat || 0
    if (Number.isNaN(msat)) made.apart_nanos[thing] += nanos || 0
    made.tokens[thing] = plus(
      plus(made.tokens[thing], attempts.input_tokens[at]),
      attempts.output_tokens[at],
    )
    made.spans[thing] = plus(made.spans[thing], attempts.span_refs[at])
    // Where nobody was asked nothing was spent: that is known.
    if (attempts.flags[at] & UNKNOWN_COST) made.unknown[thing] += 1
    const usage = wasExecuted(picture, at) ? usageOf(picture, at) : null
    if (usage === 'unknown') made.untold[thing] += 1
    if (usage === 'estimated') made.estimated[thing] += 1
  }
}

/** A sum in which what is unknown is left out. */
const plus = (a: number, b: number): number => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b)

function addUp(made: Forest, thing: number, parent: number): void {
  made.msat[parent] = plus(made.msat[parent], made.msat[thing])
  made.nanos[parent] = plus(made.nanos[parent], made.nanos[thing])
  made.apart_msat[parent] += made.apart_msat[thing]
  made.apart_nanos[parent] += made.apart_nanos[thing]
  made.tokens[parent] = plus(made.tokens[parent], made.tokens[thing])
  made.spans[parent] = plus(made.spans[parent], made.spans[thing])
  made.unknown[parent] += made.unknown[thing]
  made.untold[parent] += made.untold[thing]
  made.estimated[parent] += made.estimated[thing]
  made.size[parent] += made.size[thing]
  if (loudness(made.worst[thing]) > loudness(made.worst[parent]) && isUnheard(made, parent))
    made.worst[parent] = made.worst[thing]
  if (Number.isNaN(made.start_us[parent]) || made.start_us[thing] < made.start_us[parent])
    made.start_us[parent] = made.start_us[thing]
}

const isUnheard = (made: Forest, thing: number): boolean =>
  thing !== ROOT && made.picture.things.kind[thing] === 0

export const loudness = (state: number): number => LOUDNESS[state] ?? 0

/** Parents before their children. */
function preorder(first: Int32Array, children: Int32Array): number[] {
  const order: number[] = []
  const stack = [ROOT]
  while (stack.length > 0) {
    const thing = stack.pop() as number
    order.push(thing)
    for (let at = first[thing]; at < first[thing + 1]; at += 1) stack.push(children[at])
  }
  return order
}

const MOST_CHARACTERS = 80

const firstLine = (code: string | null): string =>
  (code ?? '').trimStart().split('\n', 1)[0].slice(0, MOST_CHARACTERS)

/** What people call a thing: children and tools by the name that their program gave, else by id. */
export function nameOf({ things, nodes }: Picture, thing: number): string {
  const kind = things.kind[thing]
  const label = kind === RLM || kind === TOOL ? nodes.label[things.row[thing]] : null
  return label || (things.id[thing] ?? '')
}

/** What a thing is, in a word or two. */
export function whatIs(picture: Picture, thing: number): string {
  const { things, queries, nodes } = picture
  const row = things.row[thing]
  if (thing === ROOT) return picture.run.query ?? ''
  if (things.kind[thing] === SUB_QUERY) return ROLES[queries.role[row]] ?? ''
  if (things.kind[thing] === 0) return 'named as a parent, never told of'
  const n = nodes.n[row]
  const kind = things.kind[thing]
  const isNamed = kind === RLM || kind === TOOL
  const label = kind === CELL ? firstLine(nodes.input[row]) : isNamed ? null : nodes.label[row]
  return [
    THING_KINDS[kind],
    label,
    Number.isNaN(n)
      ? null
      : `${n}${Number.isNaN(nodes.max_n[row]) ? '' : ` of ${nodes.max_n[row]}`}`,
  ]
    .filter(Boolean)
    .join(' ')
}
