/** The fold of a trace to a picture, line by line. Total over any input.
 *
 * The law that tests hold in both languages: the picture at line k and the lines after k give what
 * all lines give.
 */

import type {
  Aggregate,
  CellEnd,
  CellStart,
  IterationEnd,
  IterationStart,
  RlmEnd,
  RlmStart,
  ToolEnd,
  ToolStart,
  TraceEvent,
  TraceLine,
  VerifyAttestation,
  VerifyCitations,
  VerifyObjective,
  VerifyRedundant,
} from './events.gen'
import * as ofNodes from './ofNodes'
import * as ofQueries from './ofQueries'
import * as ofRun from './ofRun'
import type { Picture } from './picture'
import { microseconds } from './times'

type OfNodes =
  | VerifyRedundant
  | VerifyObjective
  | VerifyAttestation
  | VerifyCitations
  | Aggregate
  | RlmStart
  | RlmEnd
  | IterationStart
  | IterationEnd
  | CellStart
  | CellEnd
  | ToolStart
  | ToolEnd

/** One line more. A line at or before the picture's `seq` is in it already. */
export function advance(picture: Picture, line: TraceLine): void {
  if (line.seq <= picture.seq) return
  picture.seq = line.seq
  const run = picture.run
  if (!('event' in line)) {
    if (line.reason !== 'blank') run.holes[line.reason] = (run.holes[line.reason] ?? 0) + 1
    return
  }
  const atUs = microseconds(line.timestamp_ms)
  if (run.last_us === null) {
    run.run_id = line.run_id
    if (run.status === 'queued') run.status = 'running'
  }
  if (run.last_us === null || atUs > run.last_us) run.last_us = atUs
  take(picture, line.event, atUs, line.seq)
}

/** Runs, input, sub-queries, what was measured and kept; the rest is of nodes. */
function take(p: Picture, event: TraceEvent, atUs: number, seq: number) {
  switch (event.type) {
    case 'RunInit':
      return ofRun.runInit(p, event, atUs)
    case 'RunDone':
      return ofRun.runDone(p, event, atUs)
    case 'RunFailed':
      return ofRun.runFailed(p, event, atUs)
    case 'RunCancelled':
      return ofRun.runCancelled(p, event, atUs)
    case 'RunResumed':
      return ofRun.runResumed(p, event, atUs, seq)
    case 'Environment':
      return ofRun.environment(p, event)
    case 'EnvLoadFragment':
      return ofRun.fragmentLoaded(p, event, atUs, seq)
    case 'EnvSelectFragments':
      return ofRun.fragmentsSelected(p, event)
    case 'SubQuerySubmit':
      return ofQueries.submit(p, event, atUs)
    case 'SubQueryExecute':
      return ofQueries.execute(p, event, atUs, seq)
    case 'SubQueryReturn':
      return ofQueries.returned(p, event, atUs, seq)
    case 'SubQueryTimeout':
      return ofQueries.timeout(p, event, atUs, seq)
    case 'SubQueryCancel':
      return ofQueries.cancel(p, event, atUs, seq)
    case 'BudgetReserve':
      return ofQueries.reserve(p, event, atUs, seq)
    case 'BudgetSettle':
      return ofQueries.settle(p, event, atUs, seq)
    case 'FallbackLocal':
      return ofRun.fallback(p, event, atUs, seq)
    case 'Metric':
      return ofRun.metric(p, event, atUs)
    case 'Score':
      return ofRun.score(p, event, atUs, seq)
    case 'Artifact':
      return ofRun.artifact(p, event, atUs, seq)
    case 'Note':
      return ofRun.note(p, event, atUs, seq)
    default:
      return takeOfNodes(p, event, atUs, seq)
  }
}

function takeOfNodes(p: Picture, event: OfNodes, atUs: number, seq: number) {
  switch (event.type) {
    case 'VerifyRedundant':
      return ofNodes.redundant(p, event, atUs, seq)
    case 'VerifyObjective':
      return ofNodes.objective(p, event, atUs, seq)
    case 'VerifyAttestation':
      return ofNodes.attestation(p, event, atUs, seq)
    case 'VerifyCitations':
      return ofNodes.citations(p, event, atUs, seq)
    case 'Aggregate':
      return ofNodes.aggregate(p, event, atUs, seq)
    case 'RlmStart':
      return ofNodes.rlmStart(p, event, atUs, seq)
    case 'RlmEnd':
      return ofNodes.rlmEnd(p, event, atUs, seq)
    case 'IterationStart':
      return ofNodes.iterationStart(p, event, atUs, seq)
    case 'IterationEnd':
      return ofNodes.iterationEnd(p, event, atUs, seq)
    case 'CellStart':
      return ofNodes.cellStart(p, event, atUs, seq)
    case 'CellEnd':
      return ofNodes.cellEnd(p, event, atUs, seq)
    case 'ToolStart':
      return ofNodes.toolStart(p, event, atUs, seq)
    case 'ToolEnd':
      return ofNodes.toolEnd(p, event, atUs, seq)
    default:
      event satisfies never // a new event in Python fails to compile here, or above
      p.run.foreign++ // and an event of a later version is counted
  }
}
