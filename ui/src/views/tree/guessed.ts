import type { Picture } from '../../trace/picture'
import { PARENT_INFERRED, SUB_QUERY } from '../../trace/picture.gen'

export const PARENT_GUESSED =
  'Parent inferred: nobody stated it, what was asked goes on from its answer'

/** Whether nobody stated what a sub-query hangs on. */
export function isParentInferred({ things, queries }: Picture, thing: number): boolean {
  const isQuery = thing >= 0 && things.kind[thing] === SUB_QUERY
  return isQuery && (queries.flags[things.row[thing]] & PARENT_INFERRED) !== 0
}
