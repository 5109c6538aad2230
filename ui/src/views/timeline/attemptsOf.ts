import type { Picture } from '../../trace/picture'

const MOST = 200

/** All attempts of a sub-query, the first first. */
export function attemptsOf({ attempts, queries }: Picture, query: number): number[] {
  const rows: number[] = []
  if (query < 0 || query >= queries.rows) return rows
  for (let row = queries.first[query]; row >= 0 && rows.length < MOST; row = attempts.next[row]) {
    rows.push(row)
  }
  return rows
}
