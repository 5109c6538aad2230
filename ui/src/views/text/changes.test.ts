import { expect, test } from 'vitest'
import { type ChangedLine, changesOf } from './changes'

const excerpt = (first_line: number, lines: readonly string[], cited: [number, number]) => ({
  first_line,
  text: lines.join('\n'),
  cited,
  cut: false,
})
const THEN = ['struct Config {', '  quorum: 0.80,', '  budget: 100,', '}', '', 'fn main() {}']
const shown = (lines: readonly ChangedLine[] | null) =>
  lines?.map(({ kind, line, parts }) => `${kind} ${line} ${parts.map(({ text }) => text).join('')}`)

test('a rewritten line stands twice, with the words that differ marked', () => {
  const now = THEN.with(1, '  quorum: 0.75,')
  const lines = changesOf(excerpt(10, THEN, [10, 13]), excerpt(10, now, [10, 13]))
  expect(shown(lines)?.slice(1, 3)).toEqual(['gone 11   quorum: 0.80,', 'new 11   quorum: 0.75,'])
  const changed = (kind: string) =>
    lines
      ?.find((line) => line.kind === kind)
      ?.parts.filter(({ isChanged }) => isChanged)
      .map(({ text }) => text)
      .join('')
  expect(changed('gone')).toContain('80')
  expect(changed('new')).toContain('75')
  expect(changed('new')).not.toContain('quorum')
})

test('both sides are whole: what is gone and what stayed is the first text, what stayed and is new the second', () => {
  const now = [
    '// new',
    'struct Config {',
    '  budget: 50,',
    '  more: true,',
    '}',
    '',
    'fn main() {}',
  ]
  const lines = changesOf(excerpt(1, THEN, [1, 4]), excerpt(1, now, [1, 4])) ?? []
  const side = (without: string) =>
    lines
      .filter(({ kind }) => kind !== without)
      .map(({ parts }) => parts.map((p) => p.text).join(''))
  expect(side('new')).toEqual(THEN)
  expect(side('gone')).toEqual(now.slice(1))
})

test('lines that are only in one excerpt because it begins elsewhere are no change', () => {
  const then = excerpt(5, ['e', 'f', 'cited', 'g'], [7, 7])
  const now = excerpt(5, ['c', 'd', 'e', 'f', 'CITED'], [7, 7])
  expect(shown(changesOf(then, now))).toEqual([
    'same 7 e',
    'same 8 f',
    'gone 7 cited',
    'gone 8 g',
    'new 9 CITED',
  ])
})

test('what was cited is marked, also where it is gone', () => {
  const lines = changesOf(excerpt(1, THEN, [2, 3]), excerpt(1, THEN.toSpliced(1, 1), [2, 3]))
  expect(
    lines?.filter(({ isCited }) => isCited).map(({ kind, line }) => `${kind} ${line}`),
  ).toEqual(['gone 2', 'same 2'])
})

test('texts that have nothing in common are not compared word by word, and huge ones not at all', () => {
  const many = (word: string) => Array.from({ length: 2000 }, (_, n) => `${word} ${n}`)
  expect(changesOf(excerpt(1, many('a'), [1, 2000]), excerpt(1, many('b'), [1, 2000]))).toBeNull()
  const long = changesOf(
    excerpt(1, ['x'.repeat(5000), 'same'], [1, 1]),
    excerpt(1, [`${'x'.repeat(5000)} y`, 'same'], [1, 1]),
  )
  expect(long?.[0].parts).toHaveLength(1)
})
