import { expect, test } from 'vitest'
import { advance } from '../../trace/advance'
import type { TraceEvent } from '../../trace/events.gen'
import { emptyPicture, type Picture } from '../../trace/picture'
import { overview } from './overview'

/** Attempts from one millisecond to another; those that fail say so. */
function pictureOf(
  ...attempts: [from_ms: number, to_ms: number | null, fails?: boolean][]
): Picture {
  const picture = emptyPicture()
  let seq = 0
  const tell = (timestamp_ms: number, event: TraceEvent) => {
    seq += 1
    advance(picture, { seq, run_id: 'r', timestamp_ms, event })
  }
  attempts.forEach(([from_ms, to_ms, fails], n) => {
    const query_id = `q-${n}`
    tell(from_ms, { type: 'SubQueryExecute', query_id })
    if (to_ms !== null) tell(to_ms, { type: 'SubQueryReturn', query_id, success: !fails })
  })
  return picture
}

test('what follows each other is one in flight, however many share a bin', () => {
  const after = pictureOf([0, 1], [1, 2], [2, 3], [3, 4], [4, 5])
  const { calm, highest } = overview(after, 0, 10_000, 2)
  expect(highest).toBe(1)
  expect([...calm]).toEqual([1, 0])
})

test('a bin is as high as its fullest moment', () => {
  const peak = pictureOf([0, 9], [4, 5], [4.2, 4.6, true], [12, null])
  const { calm, fail, highest } = overview(peak, 0, 20_000, 4)
  expect(highest).toBe(3)
  expect([...calm]).toEqual([2, 1, 1, 1])
  expect([...fail]).toEqual([1, 0, 0, 0])
})

test('what took no time is seen, and is over at once', () => {
  const { calm, highest } = overview(pictureOf([1, 1], [1, 1], [2, 2]), 0, 4000, 4)
  expect([...calm]).toEqual([0, 2, 1, 0])
  expect(highest).toBe(2)
})

test('the highest of all bins is the same however many there are', () => {
  const many = pictureOf(
    ...Array.from({ length: 500 }, (_, n): [number, number] => [n * 3, n * 3 + ((n * 7) % 40)]),
  )
  const highest = [3, 50, 1000, 5000].map((bins) => {
    const made = overview(many, 0, 1_600_000, bins)
    const sums = Array.from(made.calm, (calm, n) => calm + made.slow[n] + made.fail[n])
    expect(Math.max(...sums)).toBe(made.highest)
    return made.highest
  })
  expect(new Set(highest).size).toBe(1)
})
