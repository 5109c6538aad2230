import type { Picture } from '../../trace/picture'
import { RLM, ROOT, SUB_QUERY } from '../../trace/picture.gen'
import {
  barEnd,
  barStart,
  type Drawn,
  FIRST_CHILD,
  FIRST_NODE,
  isAttempt,
  isChild,
  nodeOf,
} from './bars'

export type Grouping = 'provider' | 'depth' | 'packed'

/** What the run does itself, beside what it asks of providers. */
export const OWN_WORK = 'turns and code'
export const CHILD_RUNS = 'child runs'

/** Bars in one row of the picture, one after the other, by start. */
export interface Lane {
  bars: number[]
  starts: number[]
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
}

/**
 * Bars packed into as few rows as their concurrency needs. A bar keeps its row: rows never move
 * while a run is live, so that an eye can follow them. A turn, cell or tool lies below its parent.
 */
export class Lanes {
  readonly grouping: Grouping
  readonly groups: Group[] = []
  /** Lane of each attempt, and its group; -1 for what has no place yet. */
  #laneOf = new Int32Array(0)
  #groupOf = new Int16Array(0)
  /** The same of nodes and child runs, which are fewer. */
  #places = new Map<number, Place>()
  #picture: Picture | null = null
  #byKey = new Map<string, number>()
  #seen = { attempts: 0, nodes: 0, children: 0 }
  #waiting: number[] = []
  #open = new Set<number>()

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
    return lane < 0 ? null : { group: this.#groupOf[bar], lane }
  }

  /** Takes in what is new. Another picture begins anew. */
  update(drawn: Drawn): void {
    if (this.#picture !== drawn.picture) this.#restart(drawn.picture)
    this.#room(drawn.picture.attempts.rows)
    this.#settle(drawn)
    const starts = new Map<number, number>()
    for (const bar of this.#fresh(drawn)) {
      const start = barStart(drawn, bar)
      if (Number.isNaN(start)) this.#waiting.push(bar)
      else starts.set(bar, start)
    }
    const ready = [...starts.keys()].sort(
      (a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0) || rank(drawn, a) - rank(drawn, b),
    )
    for (const bar of ready) this.#place(drawn, bar, starts.get(bar) ?? 0)
  }

  /** What had no place, and what is new. */
  #fresh({ picture, children }: Drawn): number[] {
    const fresh = this.#waiting
    const seen = this.#seen
    const { attempts, nodes } = picture
    for (let row = seen.attempts; row < attempts.rows; row += 1) fresh.push(row)
    for (let row = seen.nodes; row < nodes.rows; row += 1) fresh.push(FIRST_NODE + row)
    for (let n = seen.children; n < children.length; n += 1) fresh.push(FIRST_CHILD + n)
    this.#seen = { attempts: attempts.rows, nodes: nodes.rows, children: children.length }
    this.#waiting = []
    return fresh
  }

  #restart(picture: Picture): void {
    this.#picture = picture
    this.groups.length = 0
    this.#byKey.clear()
    this.#open.clear()
    this.#places.clear()
    this.#waiting = []
    this.#seen = { attempts: 0, nodes: 0, children: 0 }
    this.#laneOf.fill(-1)
  }

  #room(rows: number): void {
    if (this.#laneOf.length >= rows) return
    const size = Math.max(1024, rows * 2)
    const lanes = new Int32Array(size).fill(-1)
    lanes.set(this.#laneOf)
    const groups = new Int16Array(size).fill(-1)
    groups.set(this.#groupOf)
    this.#laneOf = lanes
    this.#groupOf = groups
  }

  /** Frees the rows of what has ended since. */
  #settle(drawn: Drawn): void {
    for (const bar of this.#open) {
      const ended = barEnd(drawn, bar)
      if (Number.isNaN(ended)) continue
      this.#open.delete(bar)
      const place = this.placeOf(bar)
      const lane = place && this.groups[place.group].lanes[place.lane]
      if (lane?.bars.at(-1) === bar) lane.free_us = ended
    }
  }

  #place(drawn: Drawn, bar: number, start_us: number): void {
    const group = this.#group(keyOf(drawn.picture, bar, this.grouping))
    const { lanes } = this.groups[group]
    const highest = this.#below(drawn.picture, bar, group)
    let lane = lanes.findIndex((one, n) => n >= highest && one.free_us <= start_us)
    if (lane < 0) lane = lanes.push({ bars: [], starts: [], free_us: 0 }) - 1
    const ended = barEnd(drawn, bar)
    lanes[lane].bars.push(bar)
    lanes[lane].starts.push(start_us)
    lanes[lane].free_us = Number.isNaN(ended) ? Number.POSITIVE_INFINITY : Math.max(ended, start_us)
    if (Number.isNaN(ended)) this.#open.add(bar)
    if (isAttempt(bar)) {
      this.#laneOf[bar] = lane
      this.#groupOf[bar] = group
    } else this.#places.set(bar, { group, lane })
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

/** What begins at the same moment: the outer first. */
const rank = ({ picture }: Drawn, bar: number): number =>
  isAttempt(bar) || isChild(bar) ? bar : picture.nodes.kind[nodeOf(bar)] - FIRST_NODE

function keyOf(picture: Picture, bar: number, grouping: Grouping): string {
  if (grouping === 'packed') return 'all'
  if (isChild(bar)) return CHILD_RUNS
  if (grouping === 'depth')
    return depthSaid(isAttempt(bar) ? depthOf(picture, bar) : nodeDepth(picture, nodeOf(bar)))
  if (!isAttempt(bar)) return OWN_WORK
  const { attempts, names } = picture
  return names.provider.all[attempts.provider[bar]] ?? 'provider unknown'
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
