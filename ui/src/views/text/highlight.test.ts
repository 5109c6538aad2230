import { expect, test } from 'vitest'
import { guessed, highlight, highlightedLines } from './highlight'

test.each(['python', 'rust', 'json', null])(
  'put together, the tokens are the text (%s)',
  (language) => {
    const text = 'def f(x):  # a comment\n    return "a\\"b" + \'c\' // 2\n"""doc\nstring"""\n'
    expect(
      highlight(text, language)
        .map((token) => token.text)
        .join(''),
    ).toBe(text)
  },
)

test('words of the language are told from names', () => {
  expect(highlight('return value', 'python')).toEqual([
    { kind: 'word', text: 'return' },
    { kind: 'plain', text: ' value' },
  ])
})

test('a comment over two lines is a comment on both', () => {
  expect(highlightedLines('/* a\nb */', 'rust').map((line) => line[0].kind)).toEqual([
    'comment',
    'comment',
  ])
})

test('what a text is, is guessed', () => {
  expect([guessed('{"a": 1}'), guessed('# Title\n\ntext'), guessed('plain words')]).toEqual([
    'json',
    'markdown',
    'code',
  ])
})
