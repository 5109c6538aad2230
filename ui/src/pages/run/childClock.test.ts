import { expect, test } from 'vitest'
import type { RunItem } from '../../live/shapes.gen'
import { reachOf } from '../../views/timeline/bars'
import { barOf, clocksOf, offsetOf } from './childClock'

const item = (more: Partial<RunItem>): RunItem =>
  ({ id: 'r', name: null, host: 'one', created_at_ms: 1000, duration_ms: 50, ...more }) as RunItem

test('a child is placed by when both say that they began', () => {
  expect(offsetOf(item({}), item({ created_at_ms: 1250 }))).toBe(250_000)
  expect(offsetOf(item({}), item({ created_at_ms: 0 }))).toBeNaN()
})

test('clocks of different machines are named; one machine has one clock', () => {
  expect(clocksOf(item({}), item({}))).toBeNull()
  expect(clocksOf(item({}), item({ host: 'two' }))).toContain('of one and of two')
  expect(clocksOf(item({}), item({ host: null }))).toContain('an unknown machine')
  expect(clocksOf(item({ created_at_ms: 0 }), item({ host: 'two' }))).toBeNull()
})

test('a child under way has no end, and one that died is broken', () => {
  expect(barOf(item({}), item({ status: 'running' }))).toMatchObject({ state: 'open', start_us: 0 })
  expect(barOf(item({}), item({ status: 'running' })).end_us).toBeNaN()
  const died = barOf(item({}), item({ status: 'interrupted', created_at_ms: 1010 }))
  expect(died).toMatchObject({ state: 'broken', start_us: 10_000, end_us: 60_000 })
})

test('a child that goes on is in sight, and one whose clock is far off makes nothing small', () => {
  const near = { ...barOf(item({}), item({ status: 'completed', duration_ms: 150 })) }
  const far = { ...near, start_us: 600e6, end_us: 601e6 }
  expect(reachOf([near, far], 0, 100_000)).toEqual([0, 150_000])
})
