import type { Picture } from '../../trace/picture'
import { startOf } from './bars'

export type Grouping = 'provider' | 'depth' | 'packed'

/** Attempts in one row of the picture, one after the other: `rows` are attempts, by start. */
export interface Lane {
  rows: number[]
  starts: number[]
  /** When the last of them ended; Infinity while it is in flight. */
  free_us: number
}

export interface Group {
  key: string
  lanes: Lane[]
}

/**
 * Attempts packed into as few rows as their concurrency needs. An attempt keeps its row: rows never
 * move while a run is live, so that an eye can follow them.
 */
export class Lanes {
  readonly grouping: Grouping
  readonly groups: Group[] = []
  /** Lane of each attempt, and its group; -1 for what has no place yet. */
  laneOf = new Int32Array(0)
  groupOf = new Int16Array(0)
  #picture: Picture | null = null
  #byKey = new Map<string, number>()
  #seen = 0
  #waiting: number[] = []
  #open = new Set<number>()

  constructor(grouping: Grouping) {
    this.grouping = grouping
  }

  get laneCount(): number {
    return this.groups.reduce((sum, group) => sum + group.lanes.length, 0)
  }

  /** Takes in what is new. Another picture begins anew. */
  update(picture: Picture): void {
    if (this.#picture !== picture) this.#restart(picture)
    this.#room(picture.attempts.rows)
    this.#settle(picture)
    const fresh: number[] = this.#waiting
    this.#waiting = []
    for (let row = this.#seen; row < picture.attempts.rows; row += 1) fresh.push(row)
    this.#seen = picture.attempts.rows
    const starts = new Map<number, number>()
    for (const row of fresh) {
      const start = startOf(picture, row)
      if (Number.isNaN(start)) this.#waiting.push(row)
      else starts.set(row, start)
    }
    const ready = [...starts.keys()].sort((a, b) => (starts.get(a) ?? 0) - (starts.get(b) ?? 0))
    for (const row of ready) this.#place(picture, row, starts.get(row) ?? 0)
  }

  #restart(picture: Picture): void {
    this.#picture = picture
    this.groups.length = 0
    this.#byKey.clear()
    this.#open.clear()
    this.#waiting = []
    this.#seen = 0
    this.laneOf.fill(-1)
  }

  #room(rows: number): void {
    if (this.laneOf.length >= rows) return
    const size = Math.max(1024, rows * 2)
    const lanes = new Int32Array(size).fill(-1)
    lanes.set(this.laneOf)
    const groups = new Int16Array(size).fill(-1)
    groups.set(this.groupOf)
    this.laneOf = lanes
    this.groupOf = groups
  }

  /** Frees the rows of what has ended since. */
  #settle(picture: Picture): void {
    const { ended_us } = picture.attempts
    for (const row of this.#open) {
      if (Number.isNaN(ended_us[row])) continue
      this.#open.delete(row)
      const lane = this.groups[this.groupOf[row]].lanes[this.laneOf[row]]
      if (lane.rows.at(-1) === row) lane.free_us = ended_us[row]
    }
  }

  #place(picture: Picture, row: number, start_us: number): void {
    const at = this.#group(keyOf(picture, row, this.grouping))
    const { lanes } = this.groups[at]
    let lane = lanes.findIndex((one) => one.free_us <= start_us)
    if (lane < 0) lane = lanes.push({ rows: [], starts: [], free_us: 0 }) - 1
    const ended = picture.attempts.ended_us[row]
    lanes[lane].rows.push(row)
    lanes[lane].starts.push(start_us)
    lanes[lane].free_us = Number.isNaN(ended) ? Number.POSITIVE_INFINITY : Math.max(ended, start_us)
    if (Number.isNaN(ended)) this.#open.add(row)
    this.laneOf[row] = lane
    this.groupOf[row] = at
  }

  #group(key: string): number {
    const found = this.#byKey.get(key)
    if (found !== undefined) return found
    this.#byKey.set(key, this.groups.length)
    return this.groups.push({ key, lanes: [] }) - 1
  }
}

function keyOf({ attempts, queries, names }: Picture, row: number, grouping: Grouping): string {
  if (grouping === 'packed') return 'all'
  if (grouping === 'provider')
    return names.provider.all[attempts.provider[row]] ?? 'provider unknown'
  const depth = queries.depth[attempts.query[row]]
  return Number.isNaN(depth) ? 'depth unknown' : `depth ${depth}`
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
