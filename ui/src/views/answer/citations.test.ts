import { expect, test } from 'vitest'
import type { Citation } from '../../live/shapes.gen'
import { citationsIn } from './citations'

const citation = (path: string, from: number, to: number) =>
  ({
    span: { id: `span-${path}-${from}`, path, start_line: from, end_line: to },
    state: 'verified',
  }) as unknown as Citation

const CITED = [citation('src/budget.rs', 31, 58), citation('docs/a b.md', 3, 3)]

test('numbers, places and ids name a citation', () => {
  const parts = citationsIn('One [1], two [docs/a b.md:3-3], three [span-src/budget.rs-31].', CITED)
  expect(
    parts
      .filter((part) => part.kind === 'cite')
      .map((part) => part.kind === 'cite' && part.numbers),
  ).toEqual([[1], [2], [1]])
})

test('a mark that names nothing known is shown as no evidence', () => {
  expect(citationsIn('So it is [src/other.rs:1-2].', CITED)[1]).toMatchObject({ kind: 'none' })
})

test('other brackets are text, and nothing is lost', () => {
  const text = 'A list [a, b] and an index[0] stay.'
  expect(
    citationsIn(text, CITED)
      .map((part) => part.text)
      .join(''),
  ).toBe(text)
})
