/** When something was: the clock for today, the day before that, and how long ago. */

const DAY_MS = 86_400_000
const WEEKDAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const FULL = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

/** `15:52` today, `Sun 22:10` this week, `9 Nov` before. */
export function when(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  if (sameDay(at, new Date(nowMs))) return CLOCK.format(at)
  if (Math.abs(nowMs - atMs) < 6 * DAY_MS) return `${WEEKDAY.format(at)} ${CLOCK.format(at)}`
  return DAY.format(at)
}

/** `now`, `12 min`, `3 h`, `5 d`. A clock that runs ahead says now. */
export function ago(atMs: number, nowMs: number): string {
  const seconds = (nowMs - atMs) / 1000
  if (seconds < 60) return 'now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export const clock = (atMs: number): string => CLOCK.format(new Date(atMs))
export const day = (atMs: number): string => DAY.format(new Date(atMs))
export const inFull = (atMs: number): string => FULL.format(new Date(atMs))

const sameDay = (one: Date, other: Date): boolean => one.toDateString() === other.toDateString()
