import { useCallback, useMemo } from 'react'
import type { Picture } from '../../trace/picture'
import { ROOT, SUB_QUERY } from '../../trace/picture.gen'
import type { Chosen } from '../../views/chosen'
import { useRunSearch } from './useRunSearch'

export interface RunSelection {
  chosen: Chosen | null
  /** The id of what is chosen, within its run. */
  id: string | undefined
  /** Row of Queries, for a sub-query of the run itself; -1 for anything else. */
  query: number
  pick: (chosen: Chosen | null) => void
}

/** What is selected on a run page: timeline, tree and detail share it, and the address keeps it. */
export function useSelection(pictureOf: (run: string | null) => Picture | null): RunSelection {
  const [{ sel, child }, change] = useRunSearch()
  const run = child ?? null
  const picture = pictureOf(run)
  const thing = thingOf(picture, sel)
  const isChosen = sel !== undefined || run !== null
  const chosen = useMemo(() => (isChosen ? { run, thing } : null), [isChosen, run, thing])
  const pick = useCallback(
    (next: Chosen | null) =>
      change({
        child: next?.run ?? undefined,
        sel: next ? idOf(pictureOf(next.run), next) : undefined,
      }),
    [change, pictureOf],
  )
  return { chosen, id: sel, query: run === null ? queryOf(picture, thing) : -1, pick }
}

/** Without an id it is the child run itself that is chosen. */
function thingOf(picture: Picture | null, sel: string | undefined): number {
  return sel === undefined ? ROOT : (picture?.found.things.get(sel) ?? -1)
}

const idOf = (picture: Picture | null, { run, thing }: Chosen): string | undefined =>
  run !== null && thing === ROOT ? undefined : (picture?.things.id[thing] ?? undefined)

function queryOf(picture: Picture | null, thing: number): number {
  return picture && thing >= 0 && picture.things.kind[thing] === SUB_QUERY
    ? picture.things.row[thing]
    : -1
}
