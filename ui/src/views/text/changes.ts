import { diffArrays, diffWordsWithSpace } from 'diff'
import type { Excerpt } from '../../live/shapes.gen'

export interface Part {
  text: string
  isChanged: boolean
}

/** A line that stands in both, in the first only (`gone`) or in the second only (`new`). */
export interface ChangedLine {
  kind: 'same' | 'gone' | 'new'
  /** Its number: of the second text, and of the first for what is gone. */
  line: number
  isCited: boolean
  parts: Part[]
}

/** Beyond these nobody compares by eye, and the page would stand still. */
const MOST_EDITS = 1500
const MOST_LINE = 2000
const LINES_MS = 300
const WORDS_MS = 30

/**
 * What stands there now against what was cited: line by line, and in lines that were rewritten
 * word by word. Null where too much is different to be worth it.
 */
export function changesOf(then: Excerpt, now: Excerpt): ChangedLine[] | null {
  const blocks = diffArrays(linesOf(then), linesOf(now), {
    maxEditLength: MOST_EDITS,
    timeout: LINES_MS,
  })
  if (!blocks) return null
  const lines: ChangedLine[] = []
  let [old, fresh] = [then.first_line, now.first_line]
  for (let n = 0; n < blocks.length; n += 1) {
    const { removed, added, value } = blocks[n]
    if (!removed && !added) {
      for (const text of value)
        lines.push(line('same', fresh++, whole(text, false), isIn(then, old++)))
      continue
    }
    const gone = removed ? value : []
    const next = removed ? (blocks[n + 1]?.added ? blocks[++n].value : []) : value
    const pairs = paired(gone, next)
    gone.forEach((text, at) => {
      lines.push(line('gone', old, pairs[at]?.gone ?? whole(text, true), isIn(then, old)))
      old += 1
    })
    next.forEach((text, at) => {
      lines.push(line('new', fresh++, pairs[at]?.next ?? whole(text, true), false))
    })
  }
  return trimmed(lines)
}

const linesOf = ({ text }: Excerpt): string[] => text.split('\n')
const isIn = ({ cited }: Excerpt, line: number): boolean => line >= cited[0] && line <= cited[1]
const whole = (text: string, isChanged: boolean): Part[] => [{ text, isChanged }]
const line = (
  kind: ChangedLine['kind'],
  number: number,
  parts: Part[],
  isCited: boolean,
): ChangedLine => ({ kind, line: number, parts, isCited })

interface Pair {
  gone: Part[]
  next: Part[]
}

/** As many lines out as in: each was rewritten. Where the numbers differ, the first ones were. */
function paired(gone: readonly string[], next: readonly string[]): (Pair | null)[] {
  return gone.map((text, at) => (at < next.length ? wordsOf(text, next[at]) : null))
}

/** Null where the two lines have nothing to do with each other, or are too long. */
function wordsOf(before: string, after: string): Pair | null {
  if (before.length > MOST_LINE || after.length > MOST_LINE) return null
  const words = diffWordsWithSpace(before, after, { timeout: WORDS_MS })
  if (!words?.some(({ added, removed, value }) => !added && !removed && value.trim())) return null
  const side = (skip: 'added' | 'removed') =>
    words
      .filter((word) => !word[skip])
      .map(({ value, added, removed }) => ({ text: value, isChanged: added || removed }))
  return { gone: side('added'), next: side('removed') }
}

/**
 * Without what differs at the edges only because the two excerpts begin and end elsewhere. What was
 * cited always stays.
 */
function trimmed(lines: ChangedLine[]): ChangedLine[] {
  const first = lines.findIndex(({ kind }) => kind === 'same')
  const last = lines.findLastIndex(({ kind }) => kind === 'same')
  if (first < 0) return lines
  const edge = (part: ChangedLine[]) => (part.some(({ isCited }) => isCited) ? part : [])
  return [
    ...edge(lines.slice(0, first)),
    ...lines.slice(first, last + 1),
    ...edge(lines.slice(last + 1)),
  ]
}
