/** A `trace.jsonl` that no board has read yet, line by line. Nothing that lies in it can throw.
 *
 * What is a line, what is a hole and which number each has are as in Python's reader.
 */

import type { Hole, TraceEvent, TraceLine } from './events.gen'
import { fits } from './fits'
import schema from './schema.gen.json'

const LINE_START = '{"run_id":'
const NEWLINE = 10
const LONGEST_LINE_BYTES = 64 << 20
const FURTHEST_MS = 1e13

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const byteByByte = new TextDecoder('windows-1252')

/** Every whole line; a last one without its newline is still being written and is left out. */
export function* readTrace(trace: Uint8Array): Generator<TraceLine> {
  let seq = 0
  let start = 0
  for (let end = trace.indexOf(NEWLINE); end >= 0; end = trace.indexOf(NEWLINE, start)) {
    for (const line of readLine(trace.subarray(start, end), seq + 1)) {
      seq = line.seq
      yield line
    }
    start = end + 1
  }
}

/** A line; or the several that it is, where others were glued to one that a kill tore off. */
function readLine(raw: Uint8Array, seq: number): TraceLine[] {
  if (raw.length > LONGEST_LINE_BYTES) return [{ seq, reason: 'too_long' }]
  const line = decodeLine(raw, seq)
  if ('event' in line) return [line]
  const starts = glued(raw)
  if (starts.length === 1) return [line]
  return starts.map((start, n) => decodeLine(raw.subarray(start, starts[n + 1]), seq + n))
}

function glued(raw: Uint8Array): number[] {
  const text = byteByByte.decode(raw)
  const starts = [0]
  for (let at = text.indexOf(LINE_START, 1); at > 0; at = text.indexOf(LINE_START, at + 1)) {
    starts.push(at)
  }
  return starts
}

function decodeLine(raw: Uint8Array, seq: number): TraceLine {
  const line = parse(raw)
  if (line === undefined) return { seq, reason: unreadable(raw) }
  if (!isEnvelope(line)) return { seq, reason: 'damaged' }
  const { run_id, timestamp_ms, event } = line
  if (Object.hasOwn(schema, event.type) && !fits(event, event.type, schema)) {
    return { seq, reason: 'damaged' }
  }
  return { seq, run_id, timestamp_ms, event: event as TraceEvent }
}

function parse(raw: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(raw))
  } catch {
    return undefined
  }
}

function unreadable(raw: Uint8Array): Hole['reason'] {
  const text = byteByByte.decode(raw).replace(/[\t\n\v\f\r ]+$/, '')
  if (text === '') return 'blank'
  return text.startsWith(LINE_START) && !text.endsWith('}') ? 'torn' : 'damaged'
}

interface Envelope {
  run_id: string
  timestamp_ms: number
  event: { type: string }
}

function isEnvelope(value: unknown): value is Envelope {
  const line = value as Envelope | null
  return (
    typeof line?.run_id === 'string' &&
    typeof line.timestamp_ms === 'number' &&
    Math.abs(line.timestamp_ms) <= FURTHEST_MS &&
    typeof line.event?.type === 'string'
  )
}
