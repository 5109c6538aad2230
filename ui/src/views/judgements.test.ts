import { expect, test } from 'vitest'
import type { Line, Statement } from '../live/shapes.gen'
import { judgementsIn } from './judgements'

const lines = (...events: object[]): Line[] =>
  events.map((event, n) => ({
    seq: n + 1,
    timestamp_ms: n * 10,
    event: event as { type: string },
  }))
const score = (value: number, more: object = {}) => ({
  type: 'Score',
  name: 'accuracy',
  value,
  scorer: 'judge',
  ...more,
})

test('of each judge the last word stands, and a line told again is none', () => {
  const told = lines(score(0.5), score(0.75, { scorer: 'other' }), score(1))
  expect(judgementsIn(told, []).map(({ words, by }) => [words, by])).toEqual([
    ['1.00', 'judge'],
    ['0.750', 'other'],
  ])
  expect(judgementsIn([...told, { ...told[0], seq: 4 }], [])[0].words).toBe('1.00')
})

test('a score says in which version and for which task', () => {
  const [said] = judgementsIn(
    lines(score(1, { scorer_version: '2', task_id: 'q1', by: 'ann' })),
    [],
  )
  expect(said.by).toBe('judge 2, task q1, by ann')
})

test('a check says whether it passed, and why not', () => {
  const told = lines(
    { type: 'SubQueryReturn' },
    { type: 'VerifyObjective', check_type: 'json_schema', passed: false, detail: 'no answer' },
    { type: 'VerifyRedundant', agreement: 0.67, n_of_m: [2, 3], passed: true },
    { type: 'VerifyCitations', checked: 4, missing: 1, passed: false },
    { type: 'VerifyAttestation', pubkey: 'ab12', passed: true },
  )
  expect(judgementsIn(told, []).map(({ of, passed, words }) => [of, passed, words])).toEqual([
    ['json_schema', false, 'no answer'],
    ['agreement', true, '2 of 3 agree'],
    ['citations', false, '4 checked, 1 missing'],
    ['signature', true, 'ab12'],
  ])
})

test('what people said comes after it; what is neither score nor comment is left out', () => {
  const at = '2026-11-23T10:00:00Z'
  const said = (field: Statement['field'], value: unknown): Statement => ({
    at,
    field,
    value,
    by: 'ann',
    query_id: 'q',
  })
  const people = [
    said('comment', 'well found'),
    said('score', { name: 'usefulness', value: 0.5 }),
    said('star', true),
  ]
  expect(judgementsIn(lines(score(1)), people).map(({ of, words }) => [of, words])).toEqual([
    ['accuracy', '1.00'],
    ['comment', 'well found'],
    ['usefulness', '0.500'],
  ])
})
