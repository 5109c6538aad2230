import type { Comparison } from '../../live/shapes.gen'
import { wordsOf } from './table'

type Kind = 'csv' | 'json' | 'md' | 'tex'

/** What is shown of a comparison, in its order, as a file. Unknown is empty, never zero. */
export function exported(
  made: Comparison,
  keys: readonly string[],
  order: readonly number[],
  kind: Kind,
): string {
  const places = keys.map((key) => made.columns.findIndex((column) => column.key === key))
  const head = ['run', ...keys]
  const rows = order.map((row) => [
    made.runs[row].name ?? made.runs[row].id,
    ...places.map((at) => made.values[row]?.[at] ?? null),
  ])
  if (kind === 'json')
    return JSON.stringify(
      rows.map((row) => Object.fromEntries(head.map((key, n) => [key, row[n]]))),
      null,
      2,
    )
  const words = rows.map((row) => row.map(wordsOf))
  if (kind === 'csv') return [head, ...words].map((row) => row.map(csv).join(',')).join('\r\n')
  if (kind === 'md')
    return [head, head.map(() => '---'), ...words]
      .map((row) => `| ${row.map(markdown).join(' | ')} |`)
      .join('\n')
  return latex(head, words)
}

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
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
}
const escaped = (text: string): string =>
  text.replaceAll(/[\\~^&%$#_{}]/g, (sign) => ESCAPES[sign] ?? `\\${sign}`).replaceAll('\n', ' ')
