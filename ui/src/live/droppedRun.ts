import type { DroppedTrace } from './droppedLines'
import { figuresOf } from './figures'
import { DROPPED } from './served'
import type { RunItem, RunWhole } from './shapes.gen'

/** The run as its trace tells of it: who began it where stands in its folder, and is unknown. */
export function droppedRun(trace: DroppedTrace): RunWhole {
  const { picture } = trace
  return {
    run: itemOf(trace),
    span_refs: picture.run.span_refs as RunWhole['span_refs'],
    environment: picture.run.environment,
    ...UNKNOWN_PLACE,
    payloads: 'full',
    pruned_at: null,
    payload_bytes: 0,
    alive: 'free',
    can_stop: false,
    children: [],
    providers: picture.names.provider.all,
  }
}

const UNKNOWN_PLACE = {
  argv: [],
  cwd: null,
  root: null,
  pid: null,
  python: null,
  platform: null,
  rlmboard: null,
  packages: null,
}

/** What people said of it, and where it was made. */
const UNKNOWN_LABELS = {
  presumed: false,
  tags: [],
  note: null,
  star: false,
  archived: false,
  experiment: null,
  config: {},
  dataset: null,
  git_sha: null,
  git_branch: null,
  git_dirty: null,
  user: null,
  host: null,
  parent_run_id: null,
  parent_id: null,
}

function itemOf({ name, lines, picture }: DroppedTrace): RunItem {
  const { run } = picture
  const created_at_ms = Date.parse(run.started_at ?? '') || 0
  const end_us = run.ended_us ?? run.last_us
  return {
    ...UNKNOWN_LABELS,
    ...figuresOf(picture),
    id: DROPPED,
    name,
    created_at: run.started_at ?? '',
    created_at_ms,
    ended_at: null,
    status: run.status,
    query: run.query ?? '',
    producer: run.producer,
    trace: '',
    duration_ms: end_us === null ? null : end_us / 1000,
    fragments: run.fragment_count,
    selected: null,
    notes: {},
    simulated: run.simulated,
    lines: lines.length,
    holes: run.holes,
    foreign: run.foreign,
  }
}
