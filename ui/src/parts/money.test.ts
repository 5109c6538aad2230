import { expect, test } from 'vitest'
import { costSaid, msatOf, nanosOf, saidApart, sumOf } from './money'
import { spoken } from './numbers'

const RATE = { usd_per_btc: 100_000, on: '2026-11-23' }
const said = (...args: Parameters<typeof costSaid>) => {
  const found = costSaid(...args)
  const plus = found?.plus ? ` + ${spoken(found.plus)}` : ''
  return found && `${found.isAbout ? '≈ ' : ''}${spoken(found.said)}${plus}`
}

test('nothing is converted without a recorded rate', () => {
  expect(said({ msat: 15_000, nanos: null }, 'sats', null)).toBe('15 sats')
  expect(said({ msat: 15_000, nanos: null }, 'dollars', null)).toBe('15 sats')
  expect(said({ msat: null, nanos: 2_500_000 }, 'sats', null)).toBe('$0.0025')
  expect(nanosOf(1, null)).toBeNull()
})

test('with a rate, what was recorded in the other currency is about so much in the first', () => {
  expect(said({ msat: 15_000, nanos: null }, 'dollars', RATE)).toBe('≈ $0.015')
  expect(said({ msat: null, nanos: 15_000_000 }, 'sats', RATE)).toBe('≈ 15 sats')
})

test('what was recorded in the first currency is never converted', () => {
  expect(said({ msat: 15_000, nanos: 99 }, 'sats', RATE)).toBe('15 sats')
  expect(said({ msat: 15_000, nanos: 2_000_000_000 }, 'dollars', RATE)).toBe('$2.00')
})

test('the tooltip has the exact amount as recorded, the rate and its date', () => {
  const { title } = costSaid({ msat: 15_123, nanos: null }, 'dollars', RATE) ?? {}
  expect(title).toBe('15.123 sats, ≈ $0.0151 at 1 BTC = $100,000 of 2026-11-23')
})

test('unknown stays unknown, and zero is zero', () => {
  expect(costSaid({ msat: null, nanos: null }, 'sats', RATE)).toBeNull()
  expect(said({ msat: 0, nanos: null }, 'sats', RATE)).toBe('0 sats')
})

test('there and back is the same amount', () => {
  for (const msat of [1, 999, 123_456_789])
    expect(msatOf(nanosOf(msat, RATE), RATE)).toBeCloseTo(msat)
})

test('a sum of both currencies says both, or is about so much where there is a rate', () => {
  const sum = sumOf([
    { msat: 12_000, nanos: null },
    { msat: null, nanos: 3_000_000 },
    { msat: null, nanos: null },
  ])
  expect(said(sum, 'sats', null)).toBe('12 sats + $0.003')
  expect(said(sum, 'dollars', null)).toBe('$0.003 + 12 sats')
  expect(said(sum, 'sats', RATE)).toBe('≈ 15 sats')
  expect(said(sum, 'dollars', RATE)).toBe('≈ $0.015')
})

test('what was recorded in both currencies is counted once', () => {
  const sum = sumOf([{ msat: 12_000, nanos: 12_000_000 }])
  expect(said(sum, 'sats', RATE)).toBe('12 sats')
  expect(said(sum, 'dollars', null)).toBe('$0.012')
})

test('of one cost, what was recorded in the other currency alone is in it or beside it', () => {
  const cost = { msat: 12_000, nanos: 5_000_000, apart: { msat: 9_000, nanos: 2_000_000 } }
  expect(said(cost, 'sats', RATE)).toBe('≈ 14 sats')
  expect(said(cost, 'dollars', RATE)).toBe('≈ $0.014')
  expect(said(cost, 'sats', null)).toBe('12 sats + $0.002')
  expect(said(sumOf([cost, cost]), 'dollars', null)).toBe('$0.010 + 18 sats')
})

test.each([
  ['dollars', 4_480_000, 4_500_000, ['$0.00448', '$0.0045']],
  ['dollars', 4_500_000, 4_500_000, ['$0.0045', '$0.0045']],
  ['dollars', 1_184_900_000, 1_180_000_000, ['$1.185', '$1.18']],
  ['sats', 99_999_900, 100_000_000, ['99,999.9 sats', '100,000 sats']],
] as const)('%s close to their limit are told apart: %d of %d', (currency, spent, limit, said) => {
  expect(saidApart(currency, spent, limit).map(spoken)).toEqual(said)
})
