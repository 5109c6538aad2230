import { expect, test } from 'vitest'
import { sayDelta } from './sayings'

test('a difference is told in the unit of its value, or names its own', () => {
  expect(sayDelta('accuracy', 0.75, 0.6)).toBe('+0.150')
  expect(sayDelta('cost_msat', 25_000, 10_000)).toBe('+15')
  expect(sayDelta('duration_ms', 5340, 6325)).toBe('−985 ms')
  expect(sayDelta('attempts', 3, 3)).toBe('±0')
})
