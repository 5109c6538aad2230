import { duration, spoken, whole } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import { RETURNED } from '../../trace/picture.gen'
import { isInFlight } from './bars'
import type { Lanes } from './lanes'

/** What stands below the name of a group. */
export interface GroupFacts {
  line: string
  busy: string | null
}

export function factsOf(
  picture: Picture,
  lanes: Lanes,
  now_us: number,
  isMoving: boolean,
): Map<string, GroupFacts> {
  const facts = new Map<string, GroupFacts>()
  for (const group of lanes.groups) {
    const rows = group.lanes.flatMap((lane) => lane.rows)
    const median = medianTook(picture, rows)
    const venue = venueOf(picture, rows, lanes.grouping)
    const line = [venue, median === null ? null : `p50 ${spoken(duration(median / 1000))}`]
      .filter(Boolean)
      .join(' · ')
    const busy = rows.reduce((sum, row) => sum + (isInFlight(picture, row, now_us) ? 1 : 0), 0)
    facts.set(group.key, {
      line,
      busy: isMoving ? `${busy} of ${group.lanes.length} busy` : `${whole(rows.length)} attempts`,
    })
  }
  return facts
}

function venueOf(
  { attempts, names }: Picture,
  rows: readonly number[],
  grouping: Lanes['grouping'],
): string | null {
  if (grouping !== 'provider' || rows.length === 0) return null
  return names.venue.all[attempts.venue[rows[0]]] ?? null
}

/** Of those that returned; null for none. */
export function medianTook({ attempts }: Picture, rows: readonly number[]): number | null {
  const took: number[] = []
  for (const row of rows) {
    if (attempts.state[row] !== RETURNED) continue
    const us = attempts.ended_us[row] - attempts.started_us[row]
    if (us >= 0) took.push(us)
  }
  if (took.length === 0) return null
  // Numbers in a typed array are sorted without a call for each pair.
  return Float64Array.from(took).sort()[took.length >> 1]
}
