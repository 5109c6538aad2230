import type { Picture } from '../../trace/picture'
import { RLM, ROOT, SUB_QUERY } from '../../trace/picture.gen'
import {
  barEnd,
  barStart,
  type ChildBar,
  type Drawn,
  FIRST_CHILD,
  FIRST_NODE,
  isAttempt,
  isChild,
  LATER,
  lookOf,
  nodeOf,
  whoOf,
} from './bars'

export type Grouping = 'provider' | 'depth' | 'packed'

/** What the run does itself, beside what it asks of providers. */
export const OWN_WORK = 'turns and code'
export const CHILD_RUNS = 'child runs'

/** Bars in one row of the picture, one after the other, by start. */
export interface Lane {
  bars: number[]
  starts: number[]
  /** When each ended; NaN while it is open. */
  ends: number[]
  /** How each looks since it ended. */
  looks: number[]
  /** When the last of them ended; Infinity while it is open. */
  free_us: number
}

export interface Group {
  key: string
  lanes: Lane[]
}

interface Place {
  group: number
  lane: number
  /** Which bar of its lane it is. */
  at: number
}

/**
 * Bars packed into as few rows as their concurrency needs. A bar keeps its row: rows never move
 * while a run is live, so that an eye can follow them. A turn, cell or tool lies below its parent.
 */
export class Lanes {
  readonly grouping: Grouping
  readonly groups: Group[] = []
  /** Lane of each attempt, its group, and where in the lane; -1 for what has no place yet. */
  #laneOf = new Int32Array(0)
  #groupOf = new Int16Array(0)
  #atOf = new Int32Array(0)
  /** The same of nodes and child runs, which are fewer. */
  #places = new Map<number, Place>()
  #picture: Picture | null = null
  #byKey = new Map<string, number>()
  #children: readonly ChildBar[] = []
  /** So many changes of the picture are taken in; -1 for none. */
  #seen = -1

  constructor(grouping: Grouping) {
    this.grouping = grouping
  }

  get laneCount(): number {
    return this.groups.reduce((sum, group) => sum + group.lanes.length, 0)
  }

  /** Where a bar lies; null for what has no place yet. */
  placeOf(bar: number): Place | null {
    if (!isAttempt(bar)) return this.#places.get(bar) ?? null
    const lane = this.#laneOf[bar] ?? -1
    return lane < 0 ? null : { group: this.#groupOf[bar], lane, at: this.#atOf[bar] }
  }

  /** Takes in what was told since the last time. Another picture begins anew. */
  update(drawn: Drawn): void {
    if (this.#picture !== drawn.picture) this.#restart(drawn.picture)
    this.#room(drawn.picture.attempts.rows)
    const ready: { bar: number; start_us: number }[] = []
    for (const bar of this.#told(drawn)) {
      const place = this.placeOf(bar)
      if (place) this.#look(drawn, bar, place)
      else {
        const start_us = barStart(drawn, bar)
        if (!Number.isNaN(start_us)) ready.push({ bar, start_us })
      }
    }
    ready.sort((a, b) => a.start_us - b.start_us || rank(drawn, a.bar) - rank(drawn, b.bar))
    for (const { bar, start_us } of ready) this.#place(drawn, bar, start_us)
  }

  /** Bars of which something was told; all where that is not known. */
  *#told({ picture, children }: Drawn): Iterable<number> {
    const things = picture.changes.since(this.#seen)
    this.#seen = picture.changes.count
    if (things) for (const thing of things) yield* barsOfThing(picture, thing)
    else yield* barsOfAll(picture)
    if (children === this.#children) return
    this.#children = children
    for (let n = 0; n < children.length; n += 1) yield FIRST_CHILD + n
  }

  #restart(picture: Picture): void {
    this.#picture = picture
    this.groups.length = 0
    this.#byKey.clear()
    this.#places.clear()
    this.#children = []
    this.#seen = -1
    this.#laneOf.fill(-1)
  }

  #room(rows: number): void {
    if (this.#laneOf.length >= rows) return
    const size = Math.max(1024, rows * 2)
    this.#laneOf = wider(this.#laneOf, new Int32Array(size).fill(-1))
    this.#groupOf = wider(this.#groupOf, new Int16Array(size))
    this.#atOf = wider(this.#atOf, new Int32Array(size))
  }

  /** Notes when a bar ended and how; where it is the last of its row, the row is free from then on. */
  #look(drawn: Drawn, bar: number, { group, lane, at }: Place): void {
    const row = this.groups[group].lanes[lane]
    const ended = barEnd(drawn, bar)
    const isOpen = Number.isNaN(ended)
    row.ends[at] = ended
    row.looks[at] = isOpen ? LATER : lookOf(drawn, bar, ended, false)
    if (at === row.bars.length - 1)
      row.free_us = isOpen ? Number.POSITIVE_INFINITY : Math.max(ended, row.starts[at])
  }

  #place(drawn: Drawn, bar: number, start_us: number): void {
    const group = this.#group(keyOf(drawn.picture, bar, this.grouping))
    const { lanes } = this.groups[group]
    const highest = this.#below(drawn.picture, bar, group)
    let lane = lanes.findIndex((one, n) => n >= highest && one.free_us <= start_us)
    if (lane < 0) lane = lanes.push({ bars: [], starts: [], ends: [], looks: [], free_us: 0 }) - 1
    const at = lanes[lane].bars.push(bar) - 1
    lanes[lane].starts.push(start_us)
    const place = { group, lane, at }
    if (isAttempt(bar)) {
      this.#laneOf[bar] = lane
      this.#groupOf[bar] = group
      this.#atOf[bar] = at
    } else this.#places.set(bar, place)
    this.#look(drawn, bar, place)
  }

  /** The first row that is below the parent's, where both are of one group. */
  #below({ nodes, things }: Picture, bar: number, group: number): number {
    if (isAttempt(bar) || isChild(bar)) return 0
    const parent = nodes.parent[nodeOf(bar)]
    if (parent === ROOT || things.kind[parent] <= SUB_QUERY) return 0
    const above = this.#places.get(FIRST_NODE + things.row[parent])
    return above?.group === group ? above.lane + 1 : 0
  }

  #group(key: string): number {
    const found = this.#byKey.get(key)
    if (found !== undefined) return found
    this.#byKey.set(key, this.groups.length)
    return this.groups.push({ key, lanes: [] }) - 1
  }
}

function* barsOfThing({ things, queries, attempts }: Picture, thing: number): Iterable<number> {
  const row = things.row[thing]
  if (things.kind[thing] !== SUB_QUERY) yield FIRST_NODE + row
  else for (let bar = queries.first[row]; bar >= 0; bar = attempts.next[bar]) yield bar
}

function* barsOfAll({ attempts, nodes }: Picture): Iterable<number> {
  for (let row = 0; row < attempts.rows; row += 1) yield row
  for (let row = 0; row < nodes.rows; row += 1) yield FIRST_NODE + row
}

function wider<A extends Int32Array | Int16Array>(was: A, next: A): A {
  next.set(was)
  return next
}

/** What begins at the same moment: the outer first. */
const rank = ({ picture }: Drawn, bar: number): number =>
  isAttempt(bar) || isChild(bar) ? bar : picture.nodes.kind[nodeOf(bar)] - FIRST_NODE

function keyOf(picture: Picture, bar: number, grouping: Grouping): string {
  if (grouping === 'packed') return 'all'
  if (isChild(bar)) return CHILD_RUNS
  if (grouping === 'depth')
    return depthSaid(isAttempt(bar) ? depthOf(picture, bar) : nodeDepth(picture, nodeOf(bar)))
  if (!isAttempt(bar)) return OWN_WORK
  return whoOf(picture, bar) ?? 'provider unknown'
}

const depthSaid = (depth: number): string =>
  Number.isNaN(depth) ? 'depth unknown' : `depth ${depth}`

const depthOf = ({ attempts, queries }: Picture, attempt: number): number =>
  queries.depth[attempts.query[attempt]]

const MOST_STEPS = 64

/** That of the RLM which a turn, cell or tool belongs to. The root's is 0. */
function nodeDepth({ nodes, things, queries }: Picture, node: number): number {
  if (nodes.kind[node] === RLM) return nodes.depth[node]
  let thing = nodes.parent[node]
  for (let step = 0; step < MOST_STEPS && thing !== ROOT; step += 1) {
    const row = things.row[thing]
    if (row < 0) return Number.NaN
    if (things.kind[thing] === SUB_QUERY) return queries.depth[row]
    if (nodes.kind[row] === RLM) return nodes.depth[row]
    thing = nodes.parent[row]
  }
  return thing === ROOT ? 0 : Number.NaN
}

/** The first place in sorted starts at or after a time. */
export function lowerBound(starts: readonly number[], at_us: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (starts[middle] < at_us) low = middle + 1
    else high = middle
  }
  return low
}
