/** What time it is by the clock of the board: that of the browser may be minutes off. */

let ahead_ms = 0
const watchers = new Set<() => void>()

/** Whole seconds, and told as they were when the answer was made: it is at most so much later. */
const COARSE_MS = 2000

/** An answer of the board said when it was made. What is known already stands, if it can be so. */
export function heardDate(said: string | null, sent_ms: number, heard_ms: number): void {
  const at_ms = said === null ? Number.NaN : Date.parse(said)
  if (Number.isNaN(at_ms)) return
  const least = at_ms - heard_ms
  const most = at_ms + COARSE_MS - sent_ms
  if (ahead_ms < least || ahead_ms > most) turn((least + most) / 2)
}

/** The board said, just now, what time it is. */
export function heardTime(at_ms: number): void {
  turn(at_ms - Date.now())
}

/** Calls back when it turned out to be noticeably another time. */
export function watchClock(call: () => void): () => void {
  watchers.add(call)
  return () => watchers.delete(call)
}

function turn(to_ms: number): void {
  const by_ms = Math.abs(to_ms - ahead_ms)
  ahead_ms = to_ms
  if (by_ms > COARSE_MS) for (const call of watchers) call()
}

export const boardNow_ms = (): number => Date.now() + ahead_ms
