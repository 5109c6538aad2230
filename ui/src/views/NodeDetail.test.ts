import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { advance } from '../trace/advance'
import { emptyPicture } from '../trace/picture'
import { readTrace } from '../trace/read'
import { duringOf } from './NodeDetail'
import { textsOf } from './nodeTexts'

const TRACE = join(import.meta.dirname, '../../../golden/deep-recursion/trace.jsonl')

function pictureOf() {
  const picture = emptyPicture()
  for (const line of readTrace(readFileSync(TRACE))) advance(picture, line)
  return picture
}

test('a turn names the code and the calls that began in it', () => {
  const picture = pictureOf()
  const { things } = picture
  const ids = (turn: string) =>
    duringOf(picture, things.row[things.id.indexOf(turn)]).map((thing) => things.id[thing])
  expect(ids('root turn 1')).toEqual(['cell-1'])
  expect(ids('root turn 2')).toEqual(['cell-2'])
})

test('texts are called by what they are, and those that nobody said are left out', () => {
  const picture = pictureOf()
  const { things } = picture
  const titles = (id: string) =>
    textsOf(picture, things.row[things.id.indexOf(id)]).map(({ title }) => title)
  expect(titles('cell-1')).toEqual(['Code', 'Output'])
  expect(titles('cell-2')).toEqual(['Code'])
  expect(titles('grep-1')).toEqual(['Result'])
  expect(titles('child-2')).toEqual(['Answer'])
})
