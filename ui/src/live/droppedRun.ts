import type { Picture } from '../trace/picture'
import { CELL, RLM, TOOL, TURN } from '../trace/picture.gen'
import { totals as totalsOf } from '../trace/totals'
import type { DroppedTrace } from './droppedLines'
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
  const sums = totalsOf(picture)
  const created_at_ms = Date.parse(run.started_at ?? '') || 0
  const end_us = run.ended_us ?? run.last_us
  return {
    ...UNKNOWN_LABELS,
    ...sums,
    ...nodesOf(picture),
    ...evidenceOf(picture),
    id: DROPPED,
    name,
    created_at: run.started_at ?? '',
    created_at_ms,
    ended_at: null,
    status: run.status,
    query: run.query ?? '',
    output: run.output,
    metrics: metricsOf(picture),
    producer: run.producer,
    trace: '',
    end_reason: run.end_reason,
    error_type: run.error_type,
    error_message: run.error_message,
    duration_ms: end_us === null ? null : end_us / 1000,
    cost_sats: sums.cost_msat === null ? null : sums.cost_msat / 1000,
    tokens_used:
      sums.input_tokens === null && sums.output_tokens === null
        ? null
        : (sums.input_tokens ?? 0) + (sums.output_tokens ?? 0),
    fragments: run.fragment_count,
    selected: null,
    artifacts: picture.artifacts.rows,
    scores: picture.scores.rows,
    notes: {},
    simulated: run.simulated,
    partial: run.partial,
    lost: run.lost,
    lines: lines.length,
    holes: run.holes,
    foreign: run.foreign,
  }
}

function nodesOf({ nodes, queries, run }: Picture) {
  const count = (kind: number) => {
    let n = 0
    for (let row = 0; row < nodes.rows; row++) if (nodes.kind[row] === kind) n++
    return n
  }
  let depth: number | null = null
  for (let row = 0; row < queries.rows; row++)
    if (queries.depth[row] > (depth ?? -1)) depth = queries.depth[row]
  return {
    nodes: count(RLM),
    iterations: run.iterations ?? count(TURN),
    cells: count(CELL),
    tools: count(TOOL),
    max_depth: depth,
  }
}

/** What the trace itself says was checked; nothing is held against a source here. */
function evidenceOf({ checks, run }: Picture) {
  let [passed, failed] = [0, 0]
  let last = -1
  for (let row = 0; row < checks.rows; row++) {
    if (checks.passed[row]) passed++
    else failed++
    if (checks.thing[row] < 0) last = row
  }
  const spans = run.span_refs.length
  return {
    checks_passed: passed,
    checks_failed: failed,
    citations: spans || null,
    citations_checked: last < 0 ? null : checks.whole[last],
    citations_missing: last < 0 ? null : checks.part[last],
  }
}

function metricsOf({ metrics }: Picture): RunItem['metrics'] {
  const said: RunItem['metrics'] = {}
  for (let row = 0; row < metrics.rows; row++) {
    const value = metrics.value[row]
    said[metrics.name[row] ?? ''] = Number.isFinite(value) ? value : null
  }
  return said
}
