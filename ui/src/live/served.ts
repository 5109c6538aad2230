import { exported } from './exported'

/** What a trace that was dropped on the page is called in addresses. */
export const DROPPED = 'dropped'

/** Whether a board stands behind this run: one that can be asked, and acts. */
export const isServed = (run: string): boolean => exported === null && run !== DROPPED

/** Whether the page of this run can be shown: a board has it, or it is in this file. */
export const isHere = (run: string): boolean =>
  isServed(run) || (exported?.runs.includes(run) ?? false)
