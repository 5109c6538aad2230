import type { Picture } from '../../trace/picture'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import { startOf } from './bars'

/** Attempts in flight over the whole run, by how they ended. */
export interface Overview {
  from_us: number
  to_us: number
  calm: Float32Array
  slow: Float32Array
  fail: Float32Array
  highest: number
}

/** Heights are drawn against this, where nothing was ever in flight. */
export const scaleOf = ({ highest }: Overview): number => Math.max(1, highest)

/** Counts in equal bins; one pass over the attempts, without sorting. */
export function overview(picture: Picture, from_us: number, to_us: number, bins: number): Overview {
  const { attempts } = picture
  const kinds = [new Float32Array(bins + 1), new Float32Array(bins + 1), new Float32Array(bins + 1)]
  const scale = bins / Math.max(1, to_us - from_us)
  for (let row = 0; row < attempts.rows; row += 1) {
    const start = startOf(picture, row)
    if (Number.isNaN(start) || start > to_us) continue
    const state = attempts.state[row]
    const kind = kinds[state === FAILED ? 2 : state === TIMEOUT ? 1 : 0]
    const ended = attempts.ended_us[row]
    const first = Math.max(0, Math.floor((start - from_us) * scale))
    const last = Number.isNaN(ended)
      ? bins
      : Math.min(bins, Math.floor((ended - from_us) * scale) + 1)
    kind[Math.min(first, bins)] += 1
    kind[last] -= 1
  }
  const [calm, slow, fail] = kinds
  return { from_us, to_us, calm, slow, fail, highest: summed(calm, slow, fail) }
}

/** Turns steps into heights; the highest of their sums. */
function summed(...kinds: Float32Array[]): number {
  let highest = 0
  for (let bin = 0; bin < kinds[0].length; bin += 1) {
    let all = 0
    for (const kind of kinds) {
      if (bin > 0) kind[bin] += kind[bin - 1]
      all += kind[bin]
    }
    highest = Math.max(highest, all)
  }
  return highest
}
