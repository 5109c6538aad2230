import type { Ref } from '../trace/columns'
import type { SpanRef, TraceEvent, TraceLine } from '../trace/events.gen'
import type { Picture } from '../trace/picture'
import {
  CACHE_HIT,
  HEDGE,
  INFERRED,
  ROLES,
  SIMULATED,
  STATES,
  SUB_QUERY,
} from '../trace/picture.gen'
import { wasExecuted } from '../trace/totals'
import { type DroppedTrace, lineSaid } from './droppedLines'
import type { AttemptRow, SubQueryRow, SubQueryWhole, Text } from './shapes.gen'

/** A sub-query as the trace tells of it: texts as far as their previews go. Null for no such. */
export function droppedSubQuery(trace: DroppedTrace, id: string): SubQueryWhole | null {
  const { picture } = trace
  const thing = picture.found.things.get(id)
  if (thing === undefined || picture.things.kind[thing] !== SUB_QUERY) return null
  const row = picture.things.row[thing]
  const lines = trace.lines.filter((line) => 'event' in line && queryOf(line.event) === id)
  const rows = attemptsOf(picture, row)
  const { queries, attempts } = picture
  const results = rows.flatMap((at) => {
    const text = attempts.result[at]
    return text === null
      ? []
      : [
          {
            replica: attempts.replica[at],
            attempt: attempts.attempt[at],
            text: textOf(text, attempts.result_ref[at]),
          },
        ]
  })
  const decisive = queries.decisive[row]
  const answer = decisive < 0 ? null : attempts.result[decisive]
  const prompt = queries.prompt[row]
  return {
    sub_query: rowOf(picture, row, id, rows),
    attempts: rows.map((at) => ({ ...attemptOf(picture, at, id), ...saidOf(lines, picture, at) })),
    prompt: prompt === null ? [] : [textOf(prompt, queries.prompt_ref[row])],
    result: answer ? textOf(answer, attempts.result_ref[decisive]) : null,
    results,
    span_refs: lines.flatMap((line) => ('event' in line ? spansOf(line.event) : [])),
    lines: lines.map(lineSaid),
    statements: [],
  }
}

/** What the return of an attempt says, and the picture leaves out. */
function saidOf(lines: readonly TraceLine[], { attempts }: Picture, row: number) {
  const said = lines.findLast(
    (line) =>
      'event' in line &&
      line.event.type === 'SubQueryReturn' &&
      (line.event.attempt ?? 0) === attempts.attempt[row] &&
      (line.event.replica ?? 0) === attempts.replica[row],
  )
  if (!said || !('event' in said) || said.event.type !== 'SubQueryReturn') return {}
  const { usage_quality, cost_source, finish_reason } = said.event
  return {
    usage_quality: usage_quality ?? null,
    cost_source: cost_source ?? null,
    finish_reason: finish_reason ?? null,
  } satisfies Partial<AttemptRow>
}

const queryOf = (event: TraceEvent): string | null | undefined =>
  'query_id' in event ? event.query_id : undefined

const spansOf = (event: TraceEvent): SpanRef[] =>
  event.type === 'SubQueryReturn' ? [...(event.span_refs ?? [])] : []

/** Where the whole text was kept elsewhere, this is what the trace has of it. */
function textOf(text: string, ref: Ref | null): Text {
  const isCut = text.endsWith('...') || Array.isArray(ref)
  return { sha256: null, text, bytes: null, state: isCut ? 'preview' : 'whole' }
}

function attemptsOf({ queries, attempts }: Picture, query: number): number[] {
  const rows: number[] = []
  for (let row = queries.first[query]; row >= 0; row = attempts.next[row]) rows.push(row)
  return rows
}

const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
const ms = (us: number): number | null => (Number.isNaN(us) ? null : us / 1000)
const firstOf = (times: readonly (number | null)[]): number | null =>
  times.reduce((first, one) => (first === null || (one ?? first) < first ? one : first), null)
const at = <T>(names: readonly T[], index: number): T | null => names[index] ?? null

function rowOf(picture: Picture, row: number, id: string, tries: number[]): SubQueryRow {
  const { queries, things, fragments } = picture
  const decisive = queries.decisive[row]
  const tried = decisive < 0 ? null : attemptOf(picture, decisive, id)
  return {
    number: row,
    query_id: id,
    status: STATES[queries.state[row]],
    role: at(ROLES, queries.role[row]),
    parent_id: things.id[queries.parent[row]],
    depth: known(queries.depth[row]),
    fragment_id: at(fragments.id, queries.fragment[row]),
    batch_id: null,
    batch_index: null,
    batch_size: null,
    submitted_ms: ms(queries.submitted_us[row]),
    started_ms: firstOf(tries.map((one) => attemptOf(picture, one, id).started_ms)),
    ended_ms: ms(queries.ended_us[row]),
    attempts: tries.length,
    provider: tried?.provider ?? null,
    model: tried?.model ?? null,
    venue: tried?.venue ?? null,
    cost_msat: tried?.cost_msat ?? null,
    cost_usd_nanos: tried?.cost_usd_nanos ?? null,
    unknown_cost: 0,
    input_tokens: tried?.input_tokens ?? null,
    output_tokens: tried?.output_tokens ?? null,
    prompt_preview: queries.prompt[row] ?? '',
    result_preview: tried?.result_preview ?? '',
    error_type: tried?.error_type ?? null,
    error_message: tried?.error_message ?? null,
    span_refs: tried?.span_refs ?? 0,
    inferred: (queries.flags[row] & INFERRED) !== 0,
  }
}

function attemptOf(picture: Picture, row: number, query_id: string): AttemptRow {
  const { attempts, names, queries, fragments } = picture
  const flags = attempts.flags[row]
  const query = attempts.query[row]
  const status = STATES[attempts.state[row]]
  const reason = at(names.reason.all, attempts.reason[row])
  const took = attempts.ended_us[row] - attempts.started_us[row]
  return {
    number: row,
    query_id,
    replica: attempts.replica[row],
    attempt: attempts.attempt[row],
    status,
    executed: wasExecuted(picture, row),
    hedge: (flags & HEDGE) !== 0,
    role: at(ROLES, queries.role[query]),
    fragment_id: at(fragments.id, queries.fragment[query]),
    provider: at(names.provider.all, attempts.provider[row]),
    venue: at(names.venue.all, attempts.venue[row]),
    model: at(names.model.all, attempts.model[row]),
    simulated: (flags & SIMULATED) !== 0,
    started_ms: ms(attempts.started_us[row]),
    ended_ms: ms(attempts.ended_us[row]),
    duration_ms: ms(Number.isNaN(took) ? attempts.took_us[row] : took),
    input_tokens: known(attempts.input_tokens[row]),
    output_tokens: known(attempts.output_tokens[row]),
    cached_tokens: known(attempts.cached_tokens[row]),
    reasoning_tokens: known(attempts.reasoning_tokens[row]),
    usage_quality: null,
    cost_msat: known(attempts.cost_msat[row]),
    cost_usd_nanos: known(attempts.cost_usd_nanos[row]),
    cost_source: null,
    result_preview: attempts.result[row] ?? '',
    finish_reason: null,
    cache_hit: (flags & CACHE_HIT) !== 0 ? true : null,
    error_type: status === 'failed' ? reason : null,
    error_message: attempts.error[row],
    reason: status === 'cancelled' ? reason : null,
    span_refs: known(attempts.span_refs[row]) ?? 0,
    inferred: (flags & INFERRED) !== 0,
    offset: 0,
    length: 0,
  }
}
