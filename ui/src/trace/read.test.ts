import { expect, test } from 'vitest'
import { advance } from './advance'
import { emptyPicture } from './picture'
import { readTrace } from './read'

const NOTE = '{"run_id":"r","timestamp_ms":1.5,"event":{"type":"Note","message":"é"}}'

function read(text: string | Uint8Array) {
  return [...readTrace(typeof text === 'string' ? new TextEncoder().encode(text) : text)]
}

test('a line has the number of its place', () => {
  const event = { type: 'Note', message: 'é' }
  expect(read(`${NOTE}\n${NOTE}\n`)).toEqual([
    { seq: 1, run_id: 'r', timestamp_ms: 1.5, event },
    { seq: 2, run_id: 'r', timestamp_ms: 1.5, event },
  ])
})

test('a last line that is still being written is left for later', () => {
  expect(read(`${NOTE}\n${NOTE}`)).toHaveLength(1)
})

test('lines glued to a torn one are told apart', () => {
  const lines = read(`${NOTE.slice(0, 40)}${NOTE}${NOTE}\n${NOTE}\n`)
  expect(lines.map((line) => ('reason' in line ? line.reason : line.seq))).toEqual([
    'torn',
    2,
    3,
    4,
  ])
})

test.each([
  ['', 'blank'],
  ['{"run_id":"r","timest', 'torn'],
  ['nothing', 'damaged'],
  ['{"run_id":"r","timestamp_ms":1}', 'damaged'],
  ['{"run_id":"r","timestamp_ms":1e14,"event":{"type":"Note","message":"far"}}', 'damaged'],
  ['{"run_id":"r","timestamp_ms":1,"event":{"type":"Note"}}', 'damaged'],
  ['{"run_id":"r","timestamp_ms":1,"event":{"type":"Note","message":7}}', 'damaged'],
  ['{"run_id":"r","timestamp_ms":1,"event":{"type":"IterationStart","n":1.5}}', 'damaged'],
])('%s is a hole: %s', (line, reason) => {
  expect(read(`${line}\n`)).toEqual([{ seq: 1, reason }])
})

test('bytes that are no text are a hole', () => {
  expect(read(Uint8Array.of(0xff, 0xfe, 10))).toEqual([{ seq: 1, reason: 'damaged' }])
})

test.each(['Dream', 'constructor', '__proto__'])(
  'an event of a later version is counted: %s',
  (type) => {
    const picture = emptyPicture()
    const line = `{"run_id":"r","timestamp_ms":1,"event":{"type":"${type}","of":"sheep"}}\n`
    for (const one of read(line)) advance(picture, one)
    expect(picture.run.foreign).toBe(1)
  },
)
