/** A trace that was dropped on the page: it lies in memory, and nobody is told of it. */

import { advance } from '../trace/advance'
import { emptyPicture, type Picture } from '../trace/picture'
import { readTrace } from '../trace/read'
import { type DroppedTrace, eventsOf, keptOf, seriesOf } from './droppedLines'
import { droppedRun } from './droppedRun'
import { droppedSubQuery } from './droppedSubQuery'
import { DROPPED } from './served'
import { type Asked, notSaid, said, standIn } from './standIn'

const FRAME_MS = 12
const NOBODY = 'Only the board that has the folder of this run can look that up.'
let dropped: DroppedTrace | null = null
let leave: (() => void) | null = null

export const droppedTrace = (): DroppedTrace | null => dropped

/** Reads a trace, in pieces between which the page stays alive. From then on it can be asked. */
export async function openTrace(name: string, bytes: Uint8Array): Promise<DroppedTrace> {
  const opened: DroppedTrace = { name, lines: [], picture: emptyPicture() }
  let until = performance.now() + FRAME_MS
  for (const line of readTrace(bytes)) {
    opened.lines.push(line)
    advance(opened.picture, line)
    if ((line.seq & 255) !== 0 || performance.now() < until) continue
    await new Promise((resolve) => setTimeout(resolve))
    until = performance.now() + FRAME_MS
  }
  if (!opened.lines.some((line) => 'event' in line))
    throw new Error(
      `${name} is no trace: no line of it is an event. Drop the trace.jsonl of a run.`,
    )
  dropped = opened
  leave?.()
  leave = standIn((asked) => answer(opened, asked))
  return opened
}

export async function droppedPicture(): Promise<Picture> {
  if (!dropped) throw new Error('No trace was dropped on this page.')
  return dropped.picture
}

/** What the board would say of the run, as far as its trace tells. */
function answer(trace: DroppedTrace, { method, path, params }: Asked): Promise<Response> | null {
  const [runs, id, part] = path.split('/')
  if (runs !== 'runs' || id !== DROPPED) return null
  if (method !== 'GET') return refused('A dropped trace is only looked at', NOBODY)
  if (part === undefined) return found(droppedRun(trace))
  if (part === 'events') return found(eventsOf(trace, params))
  if (part === 'metrics') return found(seriesOf(trace))
  if (part === 'artifacts') return found(keptOf(trace))
  if (part === 'labels') return found([])
  if (part === 'output') return found(trace.picture.run.output ?? '')
  if (part === 'citations') {
    if (trace.picture.run.span_refs.length === 0) return found([])
    return refused('Nobody can check these citations', NOBODY)
  }
  const whole = part === 'sub-query' ? droppedSubQuery(trace, params.get('id') ?? '') : null
  return whole ? found(whole) : refused('The trace does not tell', NOBODY)
}

const found = async (value: unknown): Promise<Response> => said(value)
const refused = async (title: string, detail: string): Promise<Response> => notSaid(title, detail)
