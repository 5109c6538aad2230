import { expect, test } from 'vitest'
import { spanOf } from './useColumnsInSight'

const ENDS = [100, 150, 300, 400]

test('a column is in sight as long as any of it is', () => {
  expect(spanOf(ENDS, 0, 100)).toEqual({ first: 0, last: 0 })
  expect(spanOf(ENDS, 99, 151)).toEqual({ first: 0, last: 2 })
  expect(spanOf(ENDS, 100, 150)).toEqual({ first: 1, last: 1 })
})

test('beyond the last column there is only the last', () => {
  expect(spanOf(ENDS, 500, 900)).toEqual({ first: 3, last: 3 })
})
