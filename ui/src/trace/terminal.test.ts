import { expect, test } from 'vitest'
import { readPlain, withoutCodes } from './terminal'

test('codes for terminals are left out', () => {
  expect(withoutCodes('\u001b[31mred\u001b[0m \u001b]0;title\u0007end')).toBe('red end')
})

test('what is said is read without codes, and names as they are', () => {
  const sent = {
    id: '\u001b[1mid',
    query: '\u001b[31mred\u001b[0m',
    runs: [{ output: '\u001b[2Jx' }],
  }
  expect(readPlain(JSON.stringify(sent))).toEqual({
    id: '\u001b[1mid',
    query: 'red',
    runs: [{ output: 'x' }],
  })
})
