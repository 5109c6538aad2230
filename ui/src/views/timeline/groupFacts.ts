import { duration, spoken, whole } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import { RETURNED } from '../../trace/picture.gen'
import { type BarKind, barEnd, barStart, type Drawn, isAttempt, kindOf } from './bars'
import type { Group, Lanes } from './lanes'

/** What stands below the name of a group. */
export interface GroupFacts {
  line: string
  busy: string | null
}

export function factsOf(
  drawn: Drawn,
  lanes: Lanes,
  now_us: number,
  isMoving: boolean,
): Map<string, GroupFacts> {
  const facts = new Map<string, GroupFacts>()
  for (const group of lanes.groups) {
    const drawnBars = group.lanes.flatMap((lane) => lane.bars)
    const bars = drawnBars.filter((bar) => !isMoving || barStart(drawn, bar) <= now_us)
    const attempts = bars.filter(isAttempt)
    const busy = bars.reduce((sum, bar) => sum + (isOpen(drawn, bar, now_us) ? 1 : 0), 0)
    facts.set(group.key, {
      line: attempts.length ? ofAttempts(drawn.picture, attempts, lanes) : kindsOf(drawn, bars),
      busy: isMoving ? busySaid(group, drawnBars.some(isAttempt), busy) : countOf(attempts.length),
    })
  }
  return facts
}

const isOpen = (drawn: Drawn, bar: number, at_us: number): boolean =>
  barStart(drawn, bar) <= at_us && !(barEnd(drawn, bar) <= at_us)

const busySaid = (group: Group, asksProviders: boolean, busy: number): string =>
  asksProviders ? `${busy} of ${group.lanes.length} busy` : `${busy} open`

const countOf = (attempts: number): string | null =>
  attempts === 0 ? null : `${whole(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`

function ofAttempts(picture: Picture, rows: readonly number[], lanes: Lanes): string {
  const median = medianTook(picture, rows)
  const venue = venueOf(picture, rows, lanes.grouping)
  return [venue, median === null ? null : `p50 ${spoken(duration(median / 1000))}`]
    .filter(Boolean)
    .join(' · ')
}

const MANY: Record<BarKind, [one: string, more: string]> = {
  attempt: ['attempt', 'attempts'],
  cell: ['cell', 'cells'],
  rlm: ['child', 'children'],
  run: ['run', 'runs'],
  tool: ['tool', 'tools'],
  turn: ['turn', 'turns'],
}
const MOST_KINDS = 2

/** What is many, first: "12 turns · 30 cells". */
function kindsOf({ picture }: Drawn, bars: readonly number[]): string {
  const counts = new Map<BarKind, number>()
  for (const bar of bars) {
    const kind = kindOf(picture, bar)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_KINDS)
    .map(([kind, n]) => `${whole(n)} ${MANY[kind][n === 1 ? 0 : 1]}`)
    .join(' · ')
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
