import { expect, test } from 'vitest'
import type { RunItem } from '../../live/shapes.gen'
import { chosenOf } from './useChosen'

const run = (id: string, star = false) => ({ id, star }) as RunItem
const seen = (...runs: RunItem[]) => new Map(runs.map((one) => [one.id, one]))

test('a chosen run whose group was closed is still chosen, and said to be out of sight', () => {
  const chosen = chosenOf([run('a')], new Set(['a', 'b']), seen(run('a'), run('b')))
  expect(chosen.runs.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(chosen.unseen).toBe(1)
})

test('a run that is shown is told as it is now', () => {
  const chosen = chosenOf([run('a', true)], new Set(['a']), seen(run('a', false)))
  expect(chosen).toEqual({ runs: [run('a', true)], unseen: 0 })
})

test('a run that was seen and is not chosen any more is left alone', () => {
  expect(chosenOf([run('a')], new Set(['a']), seen(run('a'), run('b'))).runs).toEqual([run('a')])
})
