import type { TraceLine } from '../trace/events.gen'
import type { Picture } from '../trace/picture'
import schema from '../trace/schema.gen.json'
import { DROPPED } from './served'
import type { EventPage, Kept, Line, Series } from './shapes.gen'

export interface DroppedTrace {
  name: string
  lines: TraceLine[]
  picture: Picture
}

/** A line as the board would say it. */
export function lineSaid(line: TraceLine): Line {
  if (!('event' in line)) return { seq: line.seq, hole: line.reason }
  const { seq, timestamp_ms, event } = line
  // Of a later version: kept as it stands.
  const isForeign = !Object.hasOwn(schema, event.type)
  return { seq, timestamp_ms, event, ...(isForeign && { foreign: true }) }
}

export function eventsOf(trace: DroppedTrace, params: URLSearchParams): EventPage {
  const after = Number(params.get('after') ?? 0)
  const limit = Number(params.get('limit') ?? 1000)
  // Numbers count up from 1 without a gap: a line stands at its number.
  const lines = trace.lines.slice(after, after + limit)
  const last = lines.at(-1)?.seq ?? after
  const next = last < trace.lines.length ? last : null
  return { run_id: DROPPED, lines: lines.map(lineSaid), next, last }
}

/** The values of each metric, in the order in which they were logged. */
export function seriesOf({ lines }: DroppedTrace): Series[] {
  const series = new Map<string, Series>()
  for (const line of lines) {
    if (!('event' in line) || line.event.type !== 'Metric' || line.event.summary) continue
    const { name, value, step, special } = line.event
    const one = series.get(name) ?? emptySeries(name)
    series.set(name, one)
    one.seq.push(line.seq)
    one.timestamp_ms.push(line.timestamp_ms)
    one.step.push(step ?? null)
    one.value.push(value ?? null)
    one.special.push(special ?? null)
  }
  return [...series.values()]
}

const emptySeries = (name: string): Series => ({
  name,
  seq: [],
  timestamp_ms: [],
  step: [],
  value: [],
  special: [],
})

/** The files that it names; none of them is here. */
export function keptOf({ lines }: DroppedTrace): Kept[] {
  return lines.flatMap((line) => {
    if (!('event' in line) || line.event.type !== 'Artifact') return []
    const { timestamp_ms, event } = line
    const { name, sha256, bytes, media_type } = event
    return [
      {
        seq: line.seq,
        timestamp_ms,
        name,
        sha256,
        bytes,
        media_type: media_type ?? null,
        state: 'lost' as const,
      },
    ]
  })
}
