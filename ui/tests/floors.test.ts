import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')
/** What each floor may import; itself always. */
const BELOW: Record<string, readonly string[]> = {
  pages: ['views', 'parts', 'live', 'trace'],
  views: ['parts', 'live', 'trace'],
  parts: [],
  live: ['trace'],
  trace: [],
}
const MOST_LINES = 400
const FORBIDDEN = /^(utils?|helpers?|common|core|manager|misc|types)$/i

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.gen.'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }))

const floorOf = (file: string): string => file.split('/')[0]

function importsOf({ file, text }: { file: string; text: string }): string[] {
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1])
  return found.map((path) => relative(SRC, resolve(SRC, file, '..', path)))
}

test('imports run down only', () => {
  const wrong = files.flatMap((one) => {
    const floor = floorOf(one.file)
    const allowed = BELOW[floor]
    if (!allowed) return []
    return importsOf(one)
      .filter((path) => floorOf(path) !== floor && !allowed.includes(floorOf(path)))
      .map((path) => `${one.file} imports ${path}`)
  })
  expect(wrong).toEqual([])
})

test('the trace and the socket know no React', () => {
  const wrong = files.filter(
    ({ file, text }) =>
      ['trace', 'live'].includes(floorOf(file)) && /from 'react|@tanstack/.test(text),
  )
  expect(wrong.map(({ file }) => file)).toEqual([])
})

test('no file is longer than can be read in one sitting', () => {
  const long = files.filter(({ text }) => text.split('\n').length > MOST_LINES)
  expect(long.map(({ file }) => file)).toEqual([])
})

test('no file has a name that says nothing', () => {
  const vague = files.filter(({ file }) => file.split(/[/.]/).some((part) => FORBIDDEN.test(part)))
  expect(vague.map(({ file }) => file)).toEqual([])
})

test('nothing is fetched from another host', () => {
  const foreign = files.filter(({ text }) => /['"`(]https?:\/\/(?!www\.w3\.org)/.test(text))
  expect(foreign.map(({ file }) => file)).toEqual([])
})
