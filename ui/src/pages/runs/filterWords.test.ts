import { expect, test } from 'vitest'
import { askedAt, completed, unknownKeys, withWord, wordsOf } from './filterWords'

test('quotes hold words together', () => {
  expect(wordsOf('since:7d "two words" -tag:"a b"').map((word) => word.text)).toEqual([
    'since:7d',
    '"two words"',
    '-tag:"a b"',
  ])
})

test('a key is completed where none is yet, its value after the colon', () => {
  expect(askedAt('sta', 3)).toMatchObject({ key: null, prefix: 'sta', start: 0 })
  expect(askedAt('since:7d method:rl', 18)).toMatchObject({
    key: 'method',
    prefix: 'rl',
    start: 16,
  })
  expect(askedAt('status:failed,ca', 16)).toMatchObject({ key: 'status', prefix: 'ca', start: 14 })
})

test('a completion takes the place of what was typed', () => {
  expect(completed('sta', askedAt('sta', 3), 'status').filter).toBe('status:')
  expect(completed('tag:ni', askedAt('tag:ni', 6), 'nightly').filter).toBe('tag:nightly ')
  expect(completed('tag:', askedAt('tag:', 4), 'two words').filter).toBe('tag:"two words" ')
})

test('a word of a key is replaced, others stay', () => {
  expect(withWord('since:7d -status:failed', 'status', 'completed')).toBe(
    'since:7d status:completed',
  )
})

test('a key that no run has is named, with the one that was perhaps meant', () => {
  const facets = [{ key: 'status' }, { key: 'chunk_size' }, { key: 'metric.name' }]
  expect(unknownKeys('status:failed config.chunk_siz>3 -colour:red name:x', facets)).toEqual([
    { key: 'chunk_siz', meant: 'chunk_size' },
    { key: 'colour', meant: null },
  ])
})
