import type { AttemptRow, SubQueryWhole } from '../live/shapes.gen'

/**
 * A sub-query as it stood at a moment of its run, in milliseconds; null where it had not been asked
 * yet. What had not yet returned is in flight: no answer, no usage, no cost.
 */
export function subQueryAt(whole: SubQueryWhole, at_ms: number): SubQueryWhole | null {
  const { sub_query } = whole
  const attempts = whole.attempts.flatMap((attempt) => attemptAt(attempt, at_ms))
  if (attempts.length === 0 && !hasCome(sub_query.submitted_ms, at_ms)) return null
  const speaks = decisive(attempts)
  const results = whole.results.filter(({ replica, attempt }) =>
    attempts.some(
      (one) => one.replica === replica && one.attempt === attempt && one.ended_ms !== null,
    ),
  )
  const answer = results.find(
    ({ replica, attempt }) => replica === speaks?.replica && attempt === speaks.attempt,
  )
  const lines = whole.lines.filter((line) => (line.timestamp_ms ?? 0) <= at_ms)
  return {
    ...whole,
    sub_query: {
      ...sub_query,
      status: speaks?.status ?? 'submitted',
      ended_ms: speaks?.ended_ms ?? null,
      attempts: attempts.length,
      error_type: speaks?.error_type ?? null,
      error_message: speaks?.error_message ?? null,
      inferred: sub_query.inferred && hasCome(sub_query.submitted_ms, at_ms),
    },
    attempts,
    results,
    result: answer?.text ?? null,
    span_refs: spansIn(whole, lines),
    lines,
  }
}

const hasCome = (told_ms: number | null, at_ms: number): boolean =>
  told_ms !== null && told_ms <= at_ms

const NOT_YET_KNOWN = {
  status: 'running',
  ended_ms: null,
  input_tokens: null,
  output_tokens: null,
  cached_tokens: null,
  reasoning_tokens: null,
  usage_quality: null,
  cost_msat: null,
  cost_usd_nanos: null,
  cost_source: null,
  result_preview: '',
  finish_reason: null,
  cache_hit: null,
  error_type: null,
  error_message: null,
  reason: null,
  span_refs: 0,
} as const

/** None before it began. One that was never asked, as one that the cache answered, ends at once. */
function attemptAt(attempt: AttemptRow, at_ms: number): AttemptRow[] {
  const { started_ms, ended_ms } = attempt
  if (hasCome(ended_ms, at_ms)) return [attempt]
  if (started_ms === null || started_ms > at_ms) return []
  return [{ ...attempt, ...NOT_YET_KNOWN, duration_ms: at_ms - started_ms }]
}

/** The first to return; else the last that is under way; else the last to end. */
function decisive(attempts: readonly AttemptRow[]): AttemptRow | undefined {
  const byEnd = attempts
    .filter(({ ended_ms }) => ended_ms !== null)
    .sort((a, b) => (a.ended_ms ?? 0) - (b.ended_ms ?? 0))
  return (
    byEnd.find(({ status }) => status === 'returned') ??
    attempts.findLast(({ ended_ms }) => ended_ms === null) ??
    byEnd.at(-1)
  )
}

function spansIn({ span_refs }: SubQueryWhole, lines: SubQueryWhole['lines']) {
  const told = new Set(
    lines.flatMap(({ event }) => {
      const spans = (event as { span_refs?: { id: string }[] } | undefined)?.span_refs ?? []
      return spans.map(({ id }) => id)
    }),
  )
  return span_refs.filter(({ id }) => told.has(id))
}
