/** Golden traces: what Python makes of them, the page makes of them too. */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { advance } from './advance'
import { decodePicture, type SentPicture } from './decode'
import type { TraceLine } from './events.gen'
import { overTime } from './overTime'
import { emptyPicture, type Picture, plain } from './picture'
import { readTrace } from './read'
import { totals } from './totals'

const FOLDER = new URL('../../../golden/', import.meta.url)
const NAMES = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

function bytes(name: string, file: string): Uint8Array {
  const path = new URL(`${name}/${file}`, FOLDER)
  if (existsSync(path)) return readFileSync(path)
  return gunzipSync(readFileSync(new URL(`${name}/${file}.gz`, FOLDER)))
}

function text(name: string, file: string): string {
  return new TextDecoder().decode(bytes(name, file))
}

function fold(lines: Iterable<TraceLine>, picture = emptyPicture()): Picture {
  for (const line of lines) advance(picture, line)
  return picture
}

function isLarge(name: string): boolean {
  return existsSync(new URL(`${name}/digest.json`, FOLDER))
}

function digests(picture: Record<string, unknown>): Record<string, string> {
  const sums = Object.entries(picture).map(([name, value]) => [
    name,
    createHash('sha256').update(JSON.stringify(value)).digest('hex'),
  ])
  return Object.fromEntries(sums)
}

function sent(name: string): SentPicture[] {
  return text(name, 'sent.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('there are golden traces', () => expect(NAMES.length).toBeGreaterThan(10))

describe.each(NAMES.filter((name) => !isLarge(name)))('%s', (name) => {
  const lines = [...readTrace(bytes(name, 'trace.jsonl'))]
  const expected = JSON.parse(text(name, 'picture.json'))

  test('folds to the picture that Python folds it to', () => {
    expect(plain(fold(lines))).toEqual(expected)
  })

  test('adds up to the row of the run', () => {
    const row = JSON.parse(text(name, 'rows.json')).run
    expect(row).toMatchObject(totals(fold(lines)))
  })

  test('a picture that was sent and the lines after it are the whole, at every line', () => {
    const pictures = sent(name)
    expect(pictures.map(({ seq }) => seq)).toEqual(lines.map(({ seq }) => seq))
    for (const one of pictures) {
      expect(plain(fold(lines, decodePicture(one)))).toEqual(expected)
    }
  })

  test('a picture that was sent is the picture so far', () => {
    const sofar = emptyPicture()
    for (const [n, one] of sent(name).entries()) {
      advance(sofar, lines[n])
      expect(plain(decodePicture(one))).toEqual(plain(sofar))
    }
  })

  test('lines that are in a picture already change nothing', () => {
    expect(plain(fold(lines, fold(lines)))).toEqual(expected)
  })
})

describe.each(NAMES.filter(isLarge))('%s', (name) => {
  const lines = [...readTrace(bytes(name, 'trace.jsonl'))]
  const expected = JSON.parse(text(name, 'digest.json')).picture

  test('folds to the picture that Python folds it to', () => {
    expect(digests(plain(fold(lines)))).toEqual(expected)
  })

  test('adds up over time to what it adds up to', () => {
    const picture = fold(lines)
    const series = overTime(picture, 0, picture.run.last_us ?? 0, 100)
    const { returned, failed, timed_out } = totals(picture)
    const last = [series.returned[99], series.failed[99], series.timed_out[99]]
    expect(last).toEqual([returned, failed, timed_out])
    expect(series.in_flight[99]).toBe(0)
  })

  test('goes on from a picture that was sent without its texts', () => {
    const [half] = sent(name)
    const picture = plain(fold(lines, decodePicture(half)))
    const whole = plain(fold(lines))
    for (const table of ['queries', 'attempts']) forgetTexts(picture[table], whole[table])
    expect(digests(picture)).toEqual(digests(whole))
  })
})

/** Leave only the columns that are always sent. */
function forgetTexts(...tables: unknown[]): void {
  for (const table of tables as Record<string, unknown[]>[]) {
    for (const column of ['prompt', 'prompt_ref', 'result', 'result_ref', 'error']) {
      delete table[column]
    }
  }
}
