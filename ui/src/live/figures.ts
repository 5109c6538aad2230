import type { Picture } from '../trace/picture'
import { CELL, RLM, TOOL, TURN } from '../trace/picture.gen'
import { standing } from '../trace/scores'
import { totals } from '../trace/totals'
import type { RunItem } from './shapes.gen'

/** What a picture makes known of its run: counts, sums, evidence and how it ended. */
export function figuresOf(picture: Picture) {
  const { run } = picture
  const sums = totals(picture)
  return {
    ...sums,
    ...nodesOf(picture),
    ...evidenceOf(picture),
    output: run.output,
    metrics: metricsOf(picture),
    end_reason: run.end_reason,
    error_type: run.error_type,
    error_message: run.error_message,
    cost_sats: sums.cost_msat === null ? null : sums.cost_msat / 1000,
    tokens_used:
      sums.input_tokens === null && sums.output_tokens === null
        ? null
        : (sums.input_tokens ?? 0) + (sums.output_tokens ?? 0),
    artifacts: picture.artifacts.rows,
    scores: standing(picture).length,
    partial: run.partial,
    lost: run.lost,
  } satisfies Partial<RunItem>
}

function nodesOf({ nodes, queries, things, run }: Picture) {
  const count = (kind: number) => {
    let n = 0
    for (let row = 0; row < nodes.rows; row++) if (things.kind[nodes.thing[row]] === kind) n++
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

/** What was logged stands above how the run was scored. */
function metricsOf(picture: Picture): RunItem['metrics'] {
  const { metrics, scores } = picture
  const said: RunItem['metrics'] = {}
  for (const row of standing(picture)) {
    const name = scores.name[row]
    if (name !== null && scores.thing[row] < 0) said[name] = finite(scores.value[row])
  }
  for (let row = 0; row < metrics.rows; row++) {
    const name = metrics.name[row]
    const value = metrics.value[row]
    if (name !== null) said[name] = finite(value)
  }
  return said
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
