import { keyOf, type Picture } from './picture'

/** The rows of Scores that stand, in the order in which they were given: of each judge the last. */
export function standing({ scores }: Picture): number[] {
  const last = new Map<string, number>()
  for (let row = 0; row < scores.rows; row += 1) {
    const of = keyOf(scores.name[row], scores.scorer[row], scores.task_id[row], scores.thing[row])
    const before = last.get(of)
    if (before === undefined || scores.seq[before] < scores.seq[row]) last.set(of, row)
  }
  return [...last.values()].sort((a, b) => scores.seq[a] - scores.seq[b])
}
