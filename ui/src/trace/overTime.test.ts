import { expect, test } from 'vitest'
import { advance } from './advance'
import type { TraceEvent } from './events.gen'
import { overTime } from './overTime'
import { emptyPicture, type Picture } from './picture'

function pictureOf(...told: [ms: number, event: TraceEvent][]): Picture {
  const picture = emptyPicture()
  for (const [n, [ms, event]] of told.entries()) {
    advance(picture, { seq: n + 1, run_id: 'r', timestamp_ms: ms, event })
  }
  return picture
}

const ONE = { query_id: 'q' }
const TOLD: [number, TraceEvent][] = [
  [0, { type: 'SubQuerySubmit', ...ONE }],
  [1, { type: 'BudgetReserve', ...ONE, amount_msat: 20 }],
  [1, { type: 'SubQueryExecute', ...ONE, provider_id: 'a' }],
  [3, { type: 'SubQueryReturn', ...ONE, cost_msat: 12 }],
  [3, { type: 'BudgetSettle', ...ONE, actual_msat: 12 }],
]

test('what is reserved is free again when it is settled', () => {
  const series = overTime(pictureOf(...TOLD), 0, 4000, 4)
  expect([...series.at_us]).toEqual([1000, 2000, 3000, 4000])
  expect([...series.reserved_msat]).toEqual([20, 20, 0, 0])
  expect([...series.settled_msat]).toEqual([0, 0, 12, 12])
  expect([...series.in_flight]).toEqual([1, 1, 0, 0])
  expect([...series.returned]).toEqual([0, 0, 1, 1])
})

test('a late report stands where it happened', () => {
  const late = overTime(pictureOf(...TOLD.toReversed()), 0, 4000, 4)
  expect(late).toEqual(overTime(pictureOf(...TOLD), 0, 4000, 4))
})

test('what came before the first bin is in it, what comes after the last is not', () => {
  const series = overTime(pictureOf(...TOLD), 1500, 2500, 2)
  expect([...series.in_flight]).toEqual([1, 1])
  expect([...series.returned]).toEqual([0, 0])
})

test('what comes after now is not in the bin that now is in', () => {
  expect([...overTime(pictureOf(...TOLD), 0, 4000, 1, 2500).returned]).toEqual([0])
  expect([...overTime(pictureOf(...TOLD), 0, 4000, 1, 3000).returned]).toEqual([1])
})

test('a call of the root is outside the quorum', () => {
  const picture = pictureOf([0, { type: 'SubQuerySubmit', ...ONE, role: 'root' }], ...TOLD.slice(1))
  expect([...overTime(picture, 0, 4000, 1).returned]).toEqual([0])
})
