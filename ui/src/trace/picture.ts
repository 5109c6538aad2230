/** A run as a page: everything that its views draw, in columns. No clock, no DOM, no socket. */

import { Changes } from './changes'
import { type AnyTable, add, cells, makeTable, type Schema, type Table } from './columns'
import type { RunHead } from './events.gen'
import { type KEYS, NAMED, ROOT, SUB_QUERY, TABLES, THING_KINDS } from './picture.gen'

export type TableName = keyof typeof TABLES
export type Named = (typeof NAMED)[number]
type Tables = { [K in TableName]: Table<(typeof TABLES)[K]> }
type Keyed = keyof typeof KEYS

/** What a statement can be about. `start` and `stop` are of nodes. */
export type Slot =
  | 'end'
  | 'submission'
  | 'asking'
  | 'outcome'
  | 'reservation'
  | 'settlement'
  | 'start'
  | 'stop'
  | 'score'
  | 'artifact'

export type Replaced = [slot: Slot, row: number, atUs: number]

/** A run up to line `seq`.
 *
 * `replaced` remembers the times of statements that others took the place of, so that their replay
 * is known for what it is: a statement is known by what it is about and by its time.
 * `found` has the rows of a table by their key (see KEYS), and those of points once one was asked
 * for.
 */
export interface Picture extends Tables {
  seq: number
  run: RunHead
  names: Record<Named, Names>
  replaced: Map<string, Replaced>
  /** Sub-queries and nodes of which something was told; for those who draw, and no part of the run. */
  changes: Changes
  found: Record<Keyed | 'points', Map<string, number>>
  /** Of a moment that is past: which things had been heard of by then; absent where all are. */
  known?: Uint8Array
}

/** Strings that stand once, in the order in which they were heard of. */
export class Names {
  readonly all: string[] = []
  readonly #index = new Map<string, number>()

  /** Its place in the list, -1 for none. */
  index(name: string | null | undefined): number {
    if (name == null) return -1
    const found = this.#index.get(name)
    if (found !== undefined) return found
    this.#index.set(name, this.all.length)
    return this.all.push(name) - 1
  }
}

export function emptyPicture(): Picture {
  const picture = { ...unheard(), ...emptyTables() }
  thing(picture, 'root')
  return picture
}

/** The run of which no line has come. */
export function emptyHead(): RunHead {
  return {
    run_id: null,
    query: null,
    query_ref: null,
    status: 'queued',
    end_reason: null,
    error_type: null,
    error_message: null,
    started_at: null,
    producer: null,
    context: null,
    fragment_count: null,
    output: null,
    output_ref: null,
    span_refs: [],
    iterations: null,
    lost: 0,
    partial: false,
    simulated: false,
    holes: {},
    foreign: 0,
    last_us: null,
    ended_us: null,
    announced_us: null,
    resumed_us: null,
    told_cost_msat: null,
    told_cost_usd_nanos: null,
    told_input_tokens: null,
    told_output_tokens: null,
    told_cached_tokens: null,
    told_reasoning_tokens: null,
    environment: {},
  }
}

/** Everything as plain values, what follows from other columns included. */
export function plain(picture: Picture): Record<string, unknown> {
  return {
    seq: picture.seq,
    run: picture.run,
    names: Object.fromEntries(NAMED.map((kind) => [kind, picture.names[kind].all])),
    ...Object.fromEntries(tablesOf(picture).map(([name, table]) => [name, plainTable(table)])),
    replaced: [...picture.replaced.values()],
  }
}

export function tablesOf(picture: Picture): [TableName, AnyTable][] {
  const names = Object.keys(TABLES) as TableName[]
  return names.map((name) => [name, picture[name] as unknown as AnyTable])
}

/** Whether a statement of this time takes the place of the one in force: not when it is a replay. */
export function takesPlace(
  picture: Picture,
  slot: Slot,
  row: number,
  nowUs: number,
  atUs: number,
): boolean {
  if (Number.isNaN(nowUs) || nowUs === atUs) return true
  if (wasReplaced(picture, slot, row, atUs)) return false
  replace(picture, slot, row, nowUs)
  return true
}

export function wasReplaced(picture: Picture, slot: Slot, row: number, atUs: number): boolean {
  return picture.replaced.size > 0 && picture.replaced.has(`${slot} ${row} ${atUs}`)
}

export function replace(picture: Picture, slot: Slot, row: number, atUs: number): void {
  picture.replaced.set(`${slot} ${row} ${atUs}`, [slot, row, atUs])
}

/** The row of this id, heard of or not. */
export function thing(picture: Picture, id: string): number {
  const found = picture.found.things.get(id)
  if (found !== undefined) return found
  const row = add(picture.things)
  picture.things.id[row] = id
  picture.found.things.set(id, row)
  return row
}

/** Whether it had been heard of at the moment that the picture shows. */
export const isKnown = ({ known }: Picture, thing: number): boolean =>
  known === undefined || known[thing] === 1

/** The thing that an event hangs on; the root where it names none. */
export function parentThing(picture: Picture, id: string | null | undefined): number {
  return id == null ? ROOT : thing(picture, id)
}

/** The thing of this id and kind. An id that another kind has taken is told apart by it. */
function claim(picture: Picture, id: string, kind: number): number {
  const row = thing(picture, id)
  const held = picture.things.kind[row]
  if (held === kind) return row
  if (held) return claim(picture, `${id} (${THING_KINDS[kind]})`, kind)
  picture.things.kind[row] = kind
  return row
}

/** The row of this sub-query. */
export function queryRow(picture: Picture, id: string): number {
  const { things, queries } = picture
  const at = claim(picture, id, SUB_QUERY)
  if (things.row[at] < 0) {
    const row = add(queries)
    things.row[at] = row
    queries.thing[row] = at
    queries.parent[row] = ROOT
  }
  return things.row[at]
}

/** The row of this child RLM, turn, cell or tool. */
export function nodeRow(picture: Picture, id: string, kind: number, seq: number): number {
  const { things, nodes } = picture
  const at = claim(picture, id, kind)
  if (things.row[at] < 0) {
    const row = add(nodes)
    things.row[at] = row
    nodes.thing[row] = at
    nodes.kind[row] = kind
    nodes.parent[row] = ROOT
    nodes.first_seq[row] = seq
  }
  nodes.last_seq[things.row[at]] = seq
  return things.row[at]
}

/** The row of this fragment, -1 for none. */
export function fragmentRow(picture: Picture, id: string | null | undefined): number {
  if (id == null) return -1
  const found = picture.found.fragments.get(id)
  if (found !== undefined) return found
  const [row] = keyed(picture, 'fragments', id)
  picture.fragments.id[row] = id
  return row
}

/** The row with this key, and whether it is new. */
export function keyed(picture: Picture, name: Keyed, key: string): [row: number, isNew: boolean] {
  const found = picture.found[name].get(key)
  if (found !== undefined) return [found, false]
  const row = add(picture[name] as unknown as Table)
  picture.found[name].set(key, row)
  return [row, true]
}

/** Parts of a key as one string. */
export function keyOf(...parts: (string | number | null)[]): string {
  return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts)
}

const KEPT = 2 ** 43

/** The amount as a column holds it: NaN for what is unknown, or too large to be true. */
export function known(amount: number | null | undefined): number {
  return amount != null && amount > -KEPT && amount < KEPT ? amount : NaN
}

/** The amount, unless it is too large to be true. */
export function kept(amount: number | null | undefined): number | null {
  return amount != null && amount > -KEPT && amount < KEPT ? amount : null
}

function plainTable(table: AnyTable): Record<string, unknown[]> {
  const names = Object.keys(table.schema)
  return Object.fromEntries(names.map((name) => [name, cells(table, name)]))
}

function unheard() {
  const found = () => new Map<string, number>()
  return {
    seq: 0,
    run: emptyHead(),
    names: Object.fromEntries(NAMED.map((kind) => [kind, new Names()])) as Record<Named, Names>,
    replaced: new Map<string, Replaced>(),
    changes: new Changes(),
    found: {
      things: found(),
      fragments: found(),
      checks: found(),
      metrics: found(),
      scores: found(),
      artifacts: found(),
      notes: found(),
      aggregates: found(),
      turnings: found(),
      points: found(),
    },
  }
}

function emptyTables(): Tables {
  const made = Object.entries(TABLES).map(([name, schema]) => [name, makeTable(schema as Schema)])
  return Object.fromEntries(made) as Tables
}
