import type { Picture } from '../../trace/picture'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import { startOf } from './bars'

/** Attempts in flight over the whole run, by how they ended: in each bin at its fullest moment. */
export interface Overview {
  from_us: number
  to_us: number
  calm: Float32Array
  slow: Float32Array
  fail: Float32Array
  /** How many were ever in flight at once. */
  highest: number
}

/** Heights are drawn against this, where nothing was ever in flight. */
export const scaleOf = ({ highest }: Overview): number => Math.max(1, highest)

/** What took no time at all was in flight for less than anybody can measure, and is seen. */
const LEAST_US = 0.001
const KINDS = 3

/** In equal bins. Each is as high as its fullest moment was, however short that was. */
export function overview(picture: Picture, from_us: number, to_us: number, bins: number): Overview {
  const kinds = Array.from({ length: KINDS }, () => new Float32Array(bins))
  const scale = bins / Math.max(1, to_us - from_us)
  const now = new Int32Array(KINDS)
  let [at, all, highest, bin] = [0, 0, 0, -1]
  const isFuller = () => bin >= 0 && all > kinds[0][bin] + kinds[1][bin] + kinds[2][bin]
  const keep = () => {
    for (let kind = 0; kind < KINDS; kind += 1) kinds[kind][bin] = now[kind]
  }
  const reach = (until: number) => {
    for (; bin < until; keep()) bin += 1
  }
  const turns = turnsOf(picture, to_us)
  for (; at < turns.times.length; at += 1) {
    const { kind, by } = turns.of(at)
    const place = (turns.times[at] - from_us) * scale
    // What ends with a bin is not in the next.
    reach(Math.min(bins - 1, by < 0 ? Math.ceil(place) - 1 : Math.floor(place)))
    now[kind] += by
    all += by
    highest = Math.max(highest, all)
    if (isFuller()) keep()
  }
  reach(bins - 1)
  const [calm, slow, fail] = kinds
  return { from_us, to_us, calm, slow, fail, highest }
}

/** Beginnings and ends by time; where both come at once, the end first: it makes room. */
function turnsOf(picture: Picture, to_us: number) {
  const { attempts } = picture
  const lists = Array.from({ length: 2 * KINDS }, () => new Float64Array(attempts.rows))
  const counts = new Int32Array(2 * KINDS)
  const put = (list: number, at_us: number) => {
    lists[list][counts[list]] = at_us
    counts[list] += 1
  }
  for (let row = 0; row < attempts.rows; row += 1) {
    const start = startOf(picture, row)
    if (!(start <= to_us)) continue
    const state = attempts.state[row]
    const kind = state === FAILED ? 2 : state === TIMEOUT ? 1 : 0
    put(kind, Math.max(attempts.ended_us[row], start + LEAST_US) || Number.POSITIVE_INFINITY)
    put(KINDS + kind, start)
  }
  return merged(lists.map((list, n) => list.subarray(0, counts[n]).sort()))
}

/** Sorted lists as one: the first three are ends by kind, the others beginnings. */
function merged(lists: readonly Float64Array[]) {
  const length = lists.reduce((sum, list) => sum + list.length, 0)
  const times = new Float64Array(length)
  const from = new Uint8Array(length)
  const next = new Int32Array(lists.length)
  for (let n = 0; n < length; n += 1) {
    let first = -1
    for (let list = 0; list < lists.length; list += 1) {
      if (next[list] === lists[list].length) continue
      if (first < 0 || lists[list][next[list]] < lists[first][next[first]]) first = list
    }
    times[n] = lists[first][next[first]]
    from[n] = first
    next[first] += 1
  }
  const of = (n: number) => ({ kind: from[n] % KINDS, by: from[n] < KINDS ? -1 : 1 })
  return { times, of }
}
