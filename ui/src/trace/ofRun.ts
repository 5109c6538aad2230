/** Events of the run itself, of its input, and of what was measured and kept, into a picture. */

import { add } from './columns'
import type {
  Artifact,
  Environment,
  EnvLoadFragment,
  EnvSelectFragments,
  FallbackLocal,
  Metric,
  Note,
  RunCancelled,
  RunDone,
  RunFailed,
  RunHead,
  RunInit,
  RunResumed,
  Score,
} from './events.gen'
import {
  emptyHead,
  fragmentRow,
  kept,
  keyed,
  keyOf,
  known,
  type Picture,
  replace,
  takesPlace,
  thing,
  wasReplaced,
} from './picture'

export function runInit(p: Picture, event: RunInit, atUs: number): void {
  const run = p.run
  const later = run.announced_us === null || atUs >= run.announced_us
  if (later) run.announced_us = atUs
  const asked = event.query || event.program
  if (asked && (later || !run.query)) {
    run.query = asked
    run.query_ref = event.query_ref ?? null
  }
  run.started_at = announced(event.started_at, run.started_at, later)
  run.producer = announced(event.producer, run.producer, later)
  run.context = announced(event.context, run.context, later)
  run.fragment_count = announced(kept(event.fragment_count), run.fragment_count, later)
}

/** What holds of two announcements: the later one's word; an earlier one fills what it left out. */
function announced<T>(said: T | null | undefined, was: T | null, later: boolean): T | null {
  return (later ? said || was : was || said) || null
}

export function runDone(p: Picture, event: RunDone, atUs: number): void {
  if (!end(p, event, atUs, 'completed')) return
  const run = p.run
  run.partial = event.partial === true
  run.iterations = kept(event.iterations)
  run.told_cost_msat = kept(event.cost_msat)
  run.told_cost_usd_nanos = kept(event.cost_usd_nanos)
  run.told_input_tokens = kept(event.usage?.input)
  run.told_output_tokens = kept(event.usage?.output)
  run.told_cached_tokens = kept(event.usage?.cached)
  run.told_reasoning_tokens = kept(event.usage?.reasoning)
}

export function runFailed(p: Picture, event: RunFailed, atUs: number): void {
  if (!end(p, event, atUs, 'failed')) return
  p.run.partial = !!event.output
  if (event.error == null) return
  p.run.error_type = event.error.type
  p.run.error_message = event.error.message ?? ''
}

export function runCancelled(p: Picture, event: RunCancelled, atUs: number): void {
  if (end(p, event, atUs, 'cancelled')) p.run.partial = !!event.output
}

export function runResumed(p: Picture, event: RunResumed, atUs: number, seq: number): void {
  const run = p.run
  if (run.resumed_us !== null && atUs <= run.resumed_us) return // replayed: time goes on
  run.resumed_us = atUs
  if (run.ended_us !== null) replace(p, 'end', 0, run.ended_us)
  forgetEnd(run)
  turning(p, 'resumed', event.started_at, atUs, seq)
}

export function environment(p: Picture, event: Environment): void {
  const { git, packages, python, host } = event
  for (const [name, said] of Object.entries({ git, packages, python, host })) {
    if (said != null) p.run.environment[name] = said
  }
}

export function fragmentLoaded(p: Picture, event: EnvLoadFragment, _: number, seq: number): void {
  const row = fragmentRow(p, event.fragment_id)
  const fragments = p.fragments
  fragments.loaded_seq[row] = seq
  fragments.size_bytes[row] = known(event.size_bytes)
  fragments.path[row] = p.names.path.index(event.span_ref?.path)
  fragments.start_line[row] = known(event.span_ref?.start_line)
  fragments.end_line[row] = known(event.span_ref?.end_line)
}

export function fragmentsSelected(p: Picture, event: EnvSelectFragments): void {
  for (const id of event.fragment_ids ?? []) {
    const row = fragmentRow(p, id)
    p.fragments.selected[row] = 1
  }
}

export function metric(p: Picture, event: Metric, atUs: number): void {
  const metrics = p.metrics
  const [row, isNew] = keyed(p, 'metrics', event.name)
  const step = known(event.step)
  const value = event.special != null ? special(event.special) : (event.value ?? NaN)
  if (isNew) metrics.name[row] = event.name
  else if (isReplay(p, row, atUs, step, value)) return
  addPoint(p, row, atUs, step, value)
  if (event.summary === true || !metrics.summary[row]) {
    metrics.summary[row] = event.summary === true ? 1 : 0
    metrics.value[row] = value
    metrics.step[row] = step
  }
}

export function score(p: Picture, event: Score, atUs: number, seq: number): void {
  const scores = p.scores
  const of = event.query_id ? thing(p, event.query_id) : -1
  const task = event.task_id || null
  const [row, isNew] = keyed(p, 'scores', keyOf(event.name, event.scorer, task, of, atUs))
  if (isNew) {
    scores.at_us[row] = atUs
    scores.seq[row] = seq
  }
  scores.name[row] = event.name
  scores.value[row] = event.value
  scores.scorer[row] = event.scorer
  scores.scorer_version[row] = event.scorer_version ?? null
  scores.task_id[row] = task
  scores.by[row] = event.by ?? null
  scores.thing[row] = of
}

export function artifact(p: Picture, event: Artifact, atUs: number, seq: number): void {
  const artifacts = p.artifacts
  const [row] = keyed(p, 'artifacts', event.name)
  if (!takesPlace(p, 'artifact', row, artifacts.at_us[row], atUs)) return
  artifacts.at_us[row] = atUs
  artifacts.seq[row] = seq
  artifacts.name[row] = event.name
  artifacts.sha256[row] = event.sha256
  artifacts.bytes[row] = known(event.bytes)
  artifacts.media_type[row] = event.media_type ?? null
}

export function note(p: Picture, event: Note, atUs: number, seq: number): void {
  const notes = p.notes
  const level = event.level ?? 'info'
  const [row, isNew] = keyed(p, 'notes', keyOf(atUs, level, event.message))
  if (!isNew) return
  notes.at_us[row] = atUs
  notes.seq[row] = seq
  notes.level[row] = level
  notes.title[row] = event.title ?? null
  notes.message[row] = event.message
}

export function fallback(p: Picture, event: FallbackLocal, atUs: number, seq: number): void {
  turning(p, 'fallback', event.reason, atUs, seq)
}

/** How far the points of this metric have come. */
export function noteLast(p: Picture, row: number, atUs: number, step: number): void {
  const { last_us: lastUs, last_step: lastStep } = p.metrics
  if (!(atUs <= lastUs[row])) {
    lastUs[row] = atUs
    lastStep[row] = step
  } else if (atUs === lastUs[row] && step > lastStep[row]) {
    lastStep[row] = step
  }
}

function turning(
  p: Picture,
  kind: string,
  said: string | null | undefined,
  atUs: number,
  seq: number,
): void {
  const turnings = p.turnings
  const [row, isNew] = keyed(p, 'turnings', keyOf(atUs, kind))
  if (!isNew) return
  turnings.at_us[row] = atUs
  turnings.seq[row] = seq
  turnings.kind[row] = kind
  turnings.said[row] = said ?? null
}

/** The end that was said, unless it was known and another has taken its place. */
function end(
  p: Picture,
  event: RunDone | RunFailed | RunCancelled,
  atUs: number,
  status: RunHead['status'],
): boolean {
  const run = p.run
  if (wasReplaced(p, 'end', 0, atUs)) return false
  takesPlace(p, 'end', 0, run.ended_us ?? NaN, atUs)
  forgetEnd(run)
  run.status = status
  run.ended_us = atUs
  run.end_reason = event.end_reason ?? null
  run.output = event.output || null
  run.output_ref = event.output_ref ?? null
  run.span_refs = event.span_refs ?? []
  run.lost = kept(event.lost) ?? 0
  return true
}

function forgetEnd(run: RunHead): void {
  const blank = emptyHead()
  run.status = 'running'
  run.ended_us = blank.ended_us
  run.end_reason = blank.end_reason
  run.error_type = blank.error_type
  run.error_message = blank.error_message
  run.output = blank.output
  run.output_ref = blank.output_ref
  run.span_refs = blank.span_refs
  run.iterations = blank.iterations
  run.lost = blank.lost
  run.partial = blank.partial
  run.told_cost_msat = blank.told_cost_msat
  run.told_cost_usd_nanos = blank.told_cost_usd_nanos
  run.told_input_tokens = blank.told_input_tokens
  run.told_output_tokens = blank.told_output_tokens
  run.told_cached_tokens = blank.told_cached_tokens
  run.told_reasoning_tokens = blank.told_reasoning_tokens
}

function special(name: string): number {
  return name === 'inf' ? Infinity : name === '-inf' ? -Infinity : NaN
}

/** Whether this point is known. Points mostly come in order, and then nothing is looked up. */
function isReplay(p: Picture, row: number, atUs: number, step: number, value: number): boolean {
  const { last_us: lastUs, last_step: lastStep } = p.metrics
  if (atUs > lastUs[row] || (atUs === lastUs[row] && step > lastStep[row])) return false
  return pointsFound(p).has(`${row} ${atUs} ${step} ${value}`)
}

/** All points so far by what they say; from the first time on that somebody asks. */
function pointsFound(p: Picture): Map<string, number> {
  const { points, found } = p
  if (found.points.size > 0) return found.points
  for (let row = 0; row < points.rows; row++) {
    const key = `${points.metric[row]} ${points.at_us[row]} ${points.step[row]} ${points.value[row]}`
    found.points.set(key, row)
  }
  return found.points
}

function addPoint(p: Picture, metric: number, atUs: number, step: number, value: number): void {
  const points = p.points
  const row = add(points)
  points.metric[row] = metric
  points.at_us[row] = atUs
  points.step[row] = step
  points.value[row] = value
  if (p.found.points.size > 0) p.found.points.set(`${metric} ${atUs} ${step} ${value}`, row)
  noteLast(p, metric, atUs, step)
}
