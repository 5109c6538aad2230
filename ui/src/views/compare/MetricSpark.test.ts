import { expect, test } from 'vitest'
import { wordsOf } from './MetricSpark'

test('a curve is said as where it began, ended, and between what it lay', () => {
  expect(wordsOf('f1', { count: 40, points: [0.5, 0.25, null, 0.75] })).toBe(
    'f1 over 40 values: from 0.500 to 0.750, between 0.250 and 0.750',
  )
})

test('a curve without numbers says so', () => {
  expect(wordsOf('loss', { count: 2, points: [null, null] })).toBe('loss: 2 values, none a number')
})
