import type { Comparison, ComparisonColumn } from '../../live/shapes.gen'
import { inWords, meanInWords } from './inWords'
import { titleOfKey } from './sayings'
import { spreadOf, wordsOf } from './table'

type Kind = 'csv' | 'json' | 'md' | 'tex'

/** What is shown of a comparison. */
export interface Shown {
  /** With costs in the currency that comes first, as people read them. */
  made: Comparison
  /** With every cost as it was recorded, for programs. */
  recorded: Comparison
  keys: readonly string[]
  /** The runs in their order, as rows of the comparison. */
  rows: readonly number[]
  group: string | undefined
}

/**
 * What is shown of a comparison, in its order, as a file: its runs, or the means of its groups.
 * CSV and JSON have the numbers as they were recorded, the others words. Unknown is empty.
 */
export function exported(shown: Shown, kind: Kind): string {
  if (kind === 'json') return JSON.stringify(shown.group ? groups(shown) : runs(shown), null, 2)
  if (kind === 'csv') return csvOf(shown.group ? groups(shown) : runs(shown))
  const { head, lines } = shown.group ? groupsInWords(shown, shown.group) : runsInWords(shown)
  return kind === 'md' ? markdownOf(head, lines) : latex(head, lines)
}

type Flat = Record<string, unknown>

function runs({ recorded, keys, rows }: Shown): Flat[] {
  const places = placesOf(recorded, keys)
  return rows.map((row) => ({
    run: recorded.runs[row].name ?? recorded.runs[row].id,
    ...Object.fromEntries(keys.map((key, n) => [key, recorded.values[row]?.[places[n]] ?? null])),
  }))
}

/** Means, deviations, and of how many runs they are. */
function groups({ recorded, keys, group = '' }: Shown): Flat[] {
  const numbers = keys.filter((key) => columnOf(recorded, key)?.kind === 'number' && key !== group)
  return recorded.groups.map((one) => ({
    [group]: one.value,
    runs: one.runs.length,
    ...Object.assign(
      {},
      ...numbers.map((key) => {
        const spread = spreadOf(recorded, one.runs, placesOf(recorded, [key])[0])
        return {
          [key]: spread?.mean ?? null,
          [`${key}_std`]: spread?.std ?? null,
          [`${key}_n`]: spread?.n ?? 0,
        }
      }),
    ),
  }))
}

interface Words {
  head: string[]
  lines: string[][]
}

function runsInWords({ made, keys, rows }: Shown): Words {
  const places = placesOf(made, keys)
  return {
    head: ['run', ...keys.map(titleOfKey)],
    lines: rows.map((row) => [
      made.runs[row].name ?? made.runs[row].id,
      ...places.map((at) => inWords(made, row, at)),
    ]),
  }
}

function groupsInWords({ made, keys }: Shown, group: string): Words {
  const numbers = keys.filter((key) => columnOf(made, key)?.kind === 'number' && key !== group)
  const places = placesOf(made, numbers)
  return {
    head: [titleOfKey(group), 'runs', ...numbers.map(titleOfKey)],
    lines: made.groups.map((one) => [
      one.value === null ? 'not set' : wordsOf(one.value),
      String(one.runs.length),
      ...places.map((at) => meanInWords(made, one.runs, at)),
    ]),
  }
}

const columnOf = (made: Comparison, key: string): ComparisonColumn | undefined =>
  made.columns.find((column) => column.key === key)

const placesOf = (made: Comparison, keys: readonly string[]): number[] =>
  keys.map((key) => made.columns.findIndex((column) => column.key === key))

function csvOf(lines: readonly Flat[]): string {
  const head = Object.keys(lines[0] ?? {})
  const cells = lines.map((line) => head.map((key) => wordsOf(line[key])))
  return [head, ...cells].map((row) => row.map(csv).join(',')).join('\r\n')
}

const markdownOf = (head: readonly string[], lines: readonly string[][]): string =>
  [head, head.map(() => '---'), ...lines]
    .map((row) => `| ${row.map(markdown).join(' | ')} |`)
    .join('\n')

/** Quoted where it must be; what a spreadsheet would take for a formula is kept as text. */
function csv(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** What would make of a cell another cell, an element, a link or a picture is a letter. */
const markdown = (text: string): string =>
  text.replaceAll(/[\\`*[\]<&|]/g, '\\$&').replaceAll('\n', ' ')

function latex(head: readonly string[], rows: readonly string[][]): string {
  const line = (row: readonly string[]) => `${row.map(escaped).join(' & ')} \\\\`
  return [
    `\\begin{tabular}{l${'r'.repeat(head.length - 1)}}`,
    '\\hline',
    line(head),
    '\\hline',
    ...rows.map(line),
    '\\hline',
    '\\end{tabular}',
    '',
  ].join('\n')
}

const ESCAPES: Record<string, string> = {
  '≥': '$\\geq$',
  '≈': '$\\approx$',
  '±': '$\\pm$',
  '−': '$-$',
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}
const escaped = (text: string): string =>
  text
    .replaceAll(/[\\~^&%$#_{}≥≈±−]/g, (sign) => ESCAPES[sign] ?? `\\${sign}`)
    .replaceAll('\n', ' ')
