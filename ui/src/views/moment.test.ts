import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { figuresOf } from '../live/figures'
import { advance } from '../trace/advance'
import type { TraceLine } from '../trace/events.gen'
import { emptyPicture, isKnown, type Picture } from '../trace/picture'
import { readTrace } from '../trace/read'
import { momentOf, seqAt } from './moment'
import { forest } from './tree/forest'

const GOLDEN = join(import.meta.dirname, '../../../golden')

const linesOf = (name: string): TraceLine[] => [
  ...readTrace(readFileSync(join(GOLDEN, name, 'trace.jsonl'))),
]

function folded(lines: readonly TraceLine[]): Picture {
  const picture = emptyPicture()
  for (const line of lines) advance(picture, line)
  return picture
}

const momentsOf = (lines: readonly TraceLine[]): number[] =>
  [...new Set(lines.flatMap((line) => ('event' in line ? [line.timestamp_ms] : [])))].sort(
    (a, b) => a - b,
  )

/** What of a picture is told of things by their names, whatever rows they have. */
function told(picture: Picture) {
  const { things, run } = picture
  const known = Array.from({ length: things.rows }, (_, n) => n).filter((n) => isKnown(picture, n))
  const { worst, msat, tokens, spans, first } = forest(picture)
  const ofThings = known.map((n) => [
    things.id[n],
    worst[n],
    msat[n],
    tokens[n],
    spans[n],
    first[n + 1] - first[n],
  ])
  const { output, ended_us, end_reason, span_refs } = run
  const ends = { output, ended_us, end_reason, span_refs }
  return { figures: figuresOf(picture), ofThings: ofThings.sort(byName), ends }
}

const byName = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1)

test.each(['normal', 'deep-recursion', 'redundancy', 'budget-stop', 'hedging'])(
  'a replay of %s shows at each moment what was told by then, and nothing else',
  (name) => {
    const lines = linesOf(name)
    const whole = folded(lines)
    for (const at_ms of momentsOf(lines)) {
      const by = lines.filter((line) => 'event' in line && line.timestamp_ms <= at_ms)
      expect([at_ms, told(momentOf(whole, at_ms * 1000))]).toEqual([at_ms, told(folded(by))])
    }
  },
)

test.each(['normal', 'deep-recursion'])('a replay of %s counts the lines up to it', (name) => {
  const lines = linesOf(name)
  const whole = folded(lines)
  const counted = momentsOf(lines).map((at_ms) => {
    const at_us = at_ms * 1000
    return seqAt(momentOf(whole, at_us), at_us)
  })
  expect(counted).toEqual([...counted].sort((a, b) => a - b))
  for (const [n, at_ms] of momentsOf(lines).entries()) {
    const told = lines.filter((line) => 'event' in line && line.timestamp_ms <= at_ms)
    expect(counted[n]).toBeLessThanOrEqual(Math.max(...told.map(({ seq }) => seq)))
  }
  expect(counted.at(-1)).toBe(whole.seq)
})
