import { useCallback, useMemo } from 'react'
import type { Picture } from '../../trace/picture'
import { ROOT, SUB_QUERY } from '../../trace/picture.gen'
import type { Chosen } from '../../views/chosen'
import type { RunSearch } from './search'
import { useLatestRunSearch, useRunSearch } from './useRunSearch'

interface Selected {
  chosen: Chosen | null
  /** Row of Queries, for a sub-query of the run itself; -1 for anything else. */
  query: number
}

export interface RunSelection extends Selected {
  /** The id of what is chosen, within its run. */
  id: string | undefined
  /** What was picked last, whether the page shows it already or not. */
  latest: () => Selected
  pick: (chosen: Chosen | null) => void
}

/** What is selected on a run page: timeline, tree and detail share it, and the address keeps it. */
export function useSelection(pictureOf: (run: string | null) => Picture | null): RunSelection {
  const [search, change] = useRunSearch()
  const searched = useLatestRunSearch()
  const { chosen, query } = useSteady(selectedAt(search, pictureOf))
  const pick = useCallback(
    (next: Chosen | null) =>
      change({
        child: next?.run ?? undefined,
        sel: next ? idOf(pictureOf(next.run), next) : undefined,
      }),
    [change, pictureOf],
  )
  const latest = () => selectedAt(searched(), pictureOf)
  return { chosen, id: search.sel, query, latest, pick }
}

/** The same object for as long as the same is chosen. */
function useSteady({ chosen, query }: Selected): Selected {
  const isChosen = chosen !== null
  const run = chosen?.run ?? null
  const thing = chosen?.thing ?? ROOT
  const steady = useMemo(() => (isChosen ? { run, thing } : null), [isChosen, run, thing])
  return { chosen: steady, query }
}

function selectedAt(
  { sel, child }: RunSearch,
  pictureOf: (run: string | null) => Picture | null,
): Selected {
  const run = child ?? null
  const picture = pictureOf(run)
  const thing = thingOf(picture, sel)
  return {
    chosen: sel !== undefined || run !== null ? { run, thing } : null,
    query: run === null ? queryOf(picture, thing) : -1,
  }
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
