import { expect, test } from 'vitest'
import { bytes, count, dollars, duration, percent, sats, spoken, steady, ticks } from './numbers'

test.each([
  [0.0004, '0.4 µs'],
  [3.25, '3.3 ms'],
  [388, '388 ms'],
  [999.6, '1.00 s'],
  [4860, '4.86 s'],
  [11_800, '11.8 s'],
  [61_000, '1:01 min'],
  [3_720_000, '1:02 h'],
])('%d ms is said as %s', (ms, said) => {
  expect(spoken(duration(ms))).toBe(said)
})

test('sats are whole from ten up and have one decimal below', () => {
  expect(
    ['0', '0.2', '9.2', '47', '13,210'].map(
      (_, n) => sats([0, 200, 9200, 47_400, 13_210_000][n]).figure,
    ),
  ).toEqual(['0', '0.2', '9.2', '47', '13,210'])
})

test('dollars keep what matters of small amounts', () => {
  expect(
    [0, 43_000_000, 4_500_000, 1_180_000_000, 12_340_000_000, 290_000].map(
      (nanos) => dollars(nanos).figure,
    ),
  ).toEqual(['$0', '$0.043', '$0.0045', '$1.18', '$12.3', '$0.00029'])
})

test('counts are in full up to ten thousand', () => {
  expect([9999, 61_200, 133_000, 2_210_000].map((value) => spoken(count(value)))).toEqual([
    '9,999',
    '61.2 k',
    '133 k',
    '2.21 M',
  ])
})

test('shares of one, sizes and steady figures', () => {
  expect(spoken(percent(0.927))).toBe('92.7 %')
  expect(spoken(bytes(22_100_000))).toBe('22.1 MB')
  expect(steady(0.8314)).toBe('0.831')
})

test('ticks are round and lie within the axis', () => {
  expect(ticks(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100])
  expect(ticks(0.41, 0.93, 5)).toEqual([0.6, 0.8])
})
