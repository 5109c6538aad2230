import type { RunItem } from '../live/shapes.gen'
import { withoutCodes } from '../trace/terminal'

/** What a run is called: its name, else the end of its id, which differs where the start does not. */
export function titleOf(run: Pick<RunItem, 'id' | 'name'>): string {
  return withoutCodes(run.name ?? '') || shortId(run.id)
}

/** Ids begin with the time, so that their ends tell them apart. */
export const shortId = (id: string): string =>
  id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id
