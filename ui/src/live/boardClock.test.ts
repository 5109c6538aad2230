import { beforeEach, expect, test, vi } from 'vitest'
import { boardNow_ms, heardDate, heardTime } from './boardClock'

const HERE_MS = Date.parse('2026-03-01T12:00:00.400Z')

beforeEach(() => {
  vi.useFakeTimers({ now: HERE_MS })
  heardTime(HERE_MS)
})

test.each([-600_000, -1_500, 0, 3_000, 600_000])(
  'a board that is %d ms ahead is known to the second by the date of one answer',
  (ahead_ms) => {
    heardDate(new Date(HERE_MS + ahead_ms).toUTCString(), HERE_MS - 20, HERE_MS)
    expect(Math.abs(boardNow_ms() - (HERE_MS + ahead_ms))).toBeLessThanOrEqual(2_000)
  },
)

test('a date that fits what is known more exactly changes nothing', () => {
  heardTime(HERE_MS + 600_123)
  heardDate(new Date(HERE_MS + 600_123).toUTCString(), HERE_MS - 20, HERE_MS)
  expect(boardNow_ms()).toBe(HERE_MS + 600_123)
})

test('an answer without a date says nothing', () => {
  for (const said of [null, '', 'yesterday']) heardDate(said, HERE_MS, HERE_MS)
  expect(boardNow_ms()).toBe(HERE_MS)
})
