/** The filter as words, so that the one under the caret can be completed. */
export interface FilterWord {
  start: number
  end: number
  text: string
}

/** Words are parted by spaces; quotes hold spaces together. */
export function wordsOf(filter: string): FilterWord[] {
  const words: FilterWord[] = []
  for (const found of filter.matchAll(/(?:"[^"]*"?|[^\s"])+/g)) {
    words.push({ start: found.index, end: found.index + found[0].length, text: found[0] })
  }
  return words
}

export interface Ask {
  /** Where what is completed begins. */
  start: number
  end: number
  /** A key, when its value is asked for. */
  key: string | null
  prefix: string
}

const PARTED = /^(-?)([\w.]+)(:|>=|<=|>|<|=)(.*)$/s

/** What could be completed where the caret stands. */
export function askedAt(filter: string, caret: number): Ask {
  const word = wordsOf(filter).find((one) => one.start <= caret && caret <= one.end)
  if (!word) return { start: caret, end: caret, key: null, prefix: '' }
  const parted = PARTED.exec(word.text)
  if (!parted) {
    const negated = word.text.startsWith('-') ? 1 : 0
    return {
      start: word.start + negated,
      end: word.end,
      key: null,
      prefix: word.text.slice(negated),
    }
  }
  const [, minus = '', key = '', sign = '', value = ''] = parted
  const said = value.slice(value.lastIndexOf(',') + 1)
  const start = word.start + minus.length + key.length + sign.length + value.lastIndexOf(',') + 1
  return { start, end: word.end, key, prefix: said.replace(/^"/, '') }
}

/** The filter with the completion in place, and where the caret stands then. */
export function completed(
  filter: string,
  ask: Ask,
  value: string,
): { filter: string; caret: number } {
  const said = ask.key === null ? `${value}:` : `${quoted(value)} `
  const before = filter.slice(0, ask.start)
  return {
    filter: before + said + filter.slice(ask.end).trimStart(),
    caret: before.length + said.length,
  }
}

export interface UnknownKey {
  key: string
  /** The key that was perhaps meant. */
  meant: string | null
}

const PREFIX = /^(config|metric)\./

/** Keys of a filter that no run has: it lets nothing through, and a slip of the hand is likely. */
export function unknownKeys(filter: string, facets: readonly { key: string }[]): UnknownKey[] {
  const known = facets.map((facet) => facet.key.replace(PREFIX, ''))
  const keys = wordsOf(filter).flatMap(({ text }) => PARTED.exec(text)?.[2] ?? [])
  return [...new Set(keys.map((key) => key.replace(PREFIX, '')))]
    .filter((key) => !known.includes(key))
    .map((key) => ({ key, meant: nearest(key, known) }))
}

/** The one that takes the fewest slips, if there are few. */
function nearest(key: string, known: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(key.length / 3))
  const [best] = known
    .map((one) => ({ one, slips: slips(key, one) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips)
  return best?.one ?? null
}

/** How many letters must be added, left out or changed (Levenshtein). */
function slips(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}

export const quoted = (value: string): string =>
  /^[\w.\-+/*]+$/.test(value) ? value : `"${value.replaceAll('"', '')}"`

/** The filter without the words of a key, with this one instead. */
export function withWord(filter: string, key: string, value: string | null): string {
  const kept = wordsOf(filter)
    .filter((word) => !word.text.replace(/^-/, '').startsWith(`${key}:`))
    .map((word) => word.text)
  return [...kept, ...(value === null ? [] : [`${key}:${quoted(value)}`])].join(' ')
}
