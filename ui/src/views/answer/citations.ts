import type { Citation } from '../../live/shapes.gen'

/** A piece of an answer: words, a citation by its number, or a mark that cites nothing known. */
export type AnswerPart =
  | { kind: 'text'; text: string }
  | { kind: 'cite'; numbers: number[]; text: string }
  | { kind: 'none'; text: string }

const MARK = /\[([^\][\n]{1,400})\]/g
const PLACE = /^(.+?):(\d+)(?:\s*[-–]\s*(\d+))?$/

/** An answer in pieces; put together they are the answer. */
export function citationsIn(text: string, citations: readonly Citation[]): AnswerPart[] {
  const parts: AnswerPart[] = []
  let last = 0
  for (const found of text.matchAll(MARK)) {
    const part = markOf(found[1] ?? '', found[0], citations)
    if (!part) continue
    if (found.index > last) parts.push({ kind: 'text', text: text.slice(last, found.index) })
    parts.push(part)
    last = found.index + found[0].length
  }
  if (last < text.length) parts.push({ kind: 'text', text: text.slice(last) })
  return parts
}

/** What is meant by `[2]`, `[path:10-20]`, `[span-id]`, or several of them; null for other brackets. */
function markOf(inside: string, text: string, citations: readonly Citation[]): AnswerPart | null {
  const names = inside.split(/\s*[,;]\s*/)
  const numbers = names.map((name) => numberOf(name, citations))
  const known = numbers.filter((number) => number > 0)
  if (known.length > 0) return { kind: 'cite', numbers: [...new Set(known)], text }
  const claims = names.every(
    (name) => PLACE.test(name) || /^\d{1,4}$/.test(name) || name.startsWith('span-'),
  )
  return claims && citations.length > 0 ? { kind: 'none', text } : null
}

/** The number of the citation that is named, 0 for none. */
function numberOf(name: string, citations: readonly Citation[]): number {
  if (/^\d{1,4}$/.test(name)) return Number(name) <= citations.length ? Number(name) : 0
  const byId = citations.findIndex((citation) => citation.span.id === name)
  if (byId >= 0) return byId + 1
  const place = PLACE.exec(name)
  if (!place) return 0
  const [, path = '', from = '0', to = from] = place
  const within = ({ span }: Citation) =>
    (span.path === path || span.path.endsWith(`/${path}`)) &&
    span.start_line <= Number(to) &&
    span.end_line >= Number(from)
  const exactly = citations.findIndex(
    (citation) =>
      within(citation) &&
      citation.span.start_line === Number(from) &&
      citation.span.end_line === Number(to),
  )
  return (exactly >= 0 ? exactly : citations.findIndex(within)) + 1
}
