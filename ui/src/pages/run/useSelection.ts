import { useCallback } from 'react'
import type { Follower } from '../../live/follow'
import { SUB_QUERY } from '../../trace/picture.gen'
import { useRunSearch } from './useRunSearch'

export interface RunSelection {
  /** Row of Things, and of Queries; -1 for none. */
  thing: number
  query: number
  id: string | undefined
  pickId: (id: string | undefined) => void
  pickThing: (thing: number) => void
  pickQuery: (query: number) => void
}

/** What is selected on a run page: timeline, tree and detail share it, and the address keeps it. */
export function useSelection(follower: Follower): RunSelection {
  const [search, change] = useRunSearch()
  const pickId = useCallback((sel: string | undefined) => change({ sel }), [change])
  const pickThing = useCallback(
    (thing: number) => pickId(follower.picture.things.id[thing] ?? undefined),
    [pickId, follower],
  )
  const pickQuery = useCallback(
    (query: number) =>
      query < 0 ? pickId(undefined) : pickThing(follower.picture.queries.thing[query]),
    [pickId, pickThing, follower],
  )
  return { ...rowsOf(follower, search.sel), id: search.sel, pickId, pickThing, pickQuery }
}

function rowsOf({ picture }: Follower, sel: string | undefined) {
  const thing = sel === undefined ? undefined : picture.found.things.get(sel)
  if (thing === undefined) return { thing: -1, query: -1 }
  const isQuery = picture.things.kind[thing] === SUB_QUERY
  return { thing, query: isQuery ? picture.things.row[thing] : -1 }
}
