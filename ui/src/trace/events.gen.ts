// Written by tools/write_types.py (make types). Do not edit.

export const FORMAT = 1;

/** An event as it was read: `seq` is its line number from 1, `offset` and `length` its bytes. */
export interface Stamped {
  seq: number;
  run_id: string;
  timestamp_ms: number;
  event: TraceEvent;
  offset?: number;
  length?: number;
}

/** A run begins. `program` is what runs (a query, a script), `context` what it was given. */
export interface RunInit {
  type: "RunInit";
  inferred?: boolean | null;
  program?: string;
  fragment_count?: number;
  format?: number;
  query?: string | null;
  query_ref?: string | string[] | null;
  started_at?: string | null;
  producer?: string | null;
  context?: Record<string, unknown> | null;
}

/** The run ended with an answer. */
export interface RunDone {
  type: "RunDone";
  inferred?: boolean | null;
  output?: string;
  output_ref?: string | string[] | null;
  iterations?: number | null;
  total_cost_sats?: number | null;
  total_duration_ms?: number | null;
  end_reason?: string | null;
  usage?: Usage | null;
  cost_msat?: number | null;
  cost_usd_nanos?: number | null;
  span_refs?: SpanRef[];
  lost?: number;
  partial?: boolean | null;
}

/** Tokens of one answer. `cached` is a subset of `input`, `reasoning` of `output`. */
export interface Usage {
  input?: number | null;
  output?: number | null;
  cached?: number | null;
  reasoning?: number | null;
}

/** Lines of a file that an answer rests on. */
export interface SpanRef {
  id: string;
  path: string;
  start_line: number;
  end_line: number;
  start_byte?: number;
  end_byte?: number;
  commit?: string | null;
  content_hash?: string | null;
}

/** The run ended without the answer it sought; `output` is what there was of one. */
export interface RunFailed {
  type: "RunFailed";
  inferred?: boolean | null;
  error?: Failure | null;
  end_reason?: string | null;
  output?: string | null;
  output_ref?: string | string[] | null;
  span_refs?: SpanRef[];
  lost?: number;
}

/** What went wrong: the class of error and what it said. */
export interface Failure {
  type: string;
  message?: string;
  traceback?: string | null;
}

/** Somebody stopped the run. `end_reason` says who or what. */
export interface RunCancelled {
  type: "RunCancelled";
  inferred?: boolean | null;
  end_reason?: string | null;
  output?: string | null;
  output_ref?: string | string[] | null;
  span_refs?: SpanRef[];
  lost?: number;
}

/** A process took an ended or interrupted run up again; the clock goes on, never backwards. */
export interface RunResumed {
  type: "RunResumed";
  inferred?: boolean | null;
  started_at?: string | null;
  boot_id?: string | null;
  pid?: number | null;
}

/** Where the run ran, captured beside it. */
export interface Environment {
  type: "Environment";
  inferred?: boolean | null;
  git?: Record<string, unknown> | null;
  packages?: Record<string, string> | null;
  python?: string | null;
  host?: Record<string, unknown> | null;
}

/** A piece of the input is there; `span_ref` says where it comes from. */
export interface EnvLoadFragment {
  type: "EnvLoadFragment";
  inferred?: boolean | null;
  fragment_id: string;
  size_bytes: number;
  span_ref?: SpanRef | null;
}

/** These fragments were chosen for the query. */
export interface EnvSelectFragments {
  type: "EnvSelectFragments";
  inferred?: boolean | null;
  query?: string;
  fragment_ids?: string[];
}

/** A question is asked. `parent_id` is a sub-query, node, cell or tool; none means the root. */
export interface SubQuerySubmit {
  type: "SubQuerySubmit";
  inferred?: boolean | null;
  query_id: string;
  prompt_preview?: string;
  prompt_ref?: string | string[] | null;
  fragment_id?: string | null;
  parent_id?: string | null;
  parent_inferred?: boolean | null;
  depth?: number | null;
  role?: "extractor" | "reducer" | "root" | "router" | "sub" | "verifier" | null;
  batch_id?: string | null;
  batch_index?: number | null;
  batch_size?: number | null;
}

/** A provider was asked. `simulated`: it does not exist, its times and prices are drawn. */
export interface SubQueryExecute {
  type: "SubQueryExecute";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  provider_id?: string | null;
  venue?: string | null;
  model_id?: string | null;
  simulated?: boolean | null;
}

/** An attempt answered, or failed with `success=False` and `error`. Stamped on arrival. */
export interface SubQueryReturn {
  type: "SubQueryReturn";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  result_preview?: string;
  result_ref?: string | string[] | null;
  duration_ms?: number | null;
  cost_sats?: number | null;
  success?: boolean;
  provider_id?: string | null;
  model_id?: string | null;
  usage?: Usage | null;
  usage_quality?: "estimated" | "exact" | "none" | "shared" | null;
  cost_msat?: number | null;
  cost_usd_nanos?: number | null;
  cost_source?: "ledger" | "none" | "price_table" | "provider" | null;
  price_version?: string | null;
  span_refs?: SpanRef[];
  finish_reason?: string | null;
  cache_hit?: boolean | null;
  error?: Failure | null;
  attributes?: Record<string, unknown> | null;
}

/** No answer came in time; `elapsed_ms` is measured, not configured. */
export interface SubQueryTimeout {
  type: "SubQueryTimeout";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  elapsed_ms: number;
}

/** An attempt was given up: straggler, hedge, budget, user, interrupted, no_answer. */
export interface SubQueryCancel {
  type: "SubQueryCancel";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  reason?: string;
}

/** Replicas were compared: n_of_m agreed; `replicas` names those that did. */
export interface VerifyRedundant {
  type: "VerifyRedundant";
  inferred?: boolean | null;
  query_id: string;
  agreement: number;
  n_of_m: [number, number];
  passed: boolean;
  replicas?: number[];
}

/** An answer was held against a rule: json_schema or hash. */
export interface VerifyObjective {
  type: "VerifyObjective";
  inferred?: boolean | null;
  query_id: string;
  check_type: string;
  passed: boolean;
  detail?: string | null;
}

/** A validator's signature over an answer was checked. */
export interface VerifyAttestation {
  type: "VerifyAttestation";
  inferred?: boolean | null;
  query_id: string;
  pubkey: string;
  passed: boolean;
}

/** Citations were held against their sources; without `query_id` those of the run's answer. */
export interface VerifyCitations {
  type: "VerifyCitations";
  inferred?: boolean | null;
  checked: number;
  missing: number;
  passed: boolean;
  query_id?: string | null;
}

/** The upper bound of what an attempt can cost was set aside. */
export interface BudgetReserve {
  type: "BudgetReserve";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  amount_sats?: number | null;
  remaining_sats?: number | null;
  amount_msat?: number | null;
  amount_usd_nanos?: number | null;
}

/** A reservation ended: what it cost, what was given back, what it cost beyond the reservation. */
export interface BudgetSettle {
  type: "BudgetSettle";
  inferred?: boolean | null;
  query_id: string;
  attempt?: number;
  replica?: number;
  actual_sats?: number | null;
  refund_sats?: number | null;
  actual_msat?: number | null;
  released_msat?: number | null;
  overage_msat?: number | null;
  actual_usd_nanos?: number | null;
  released_usd_nanos?: number | null;
  overage_usd_nanos?: number | null;
}

/** Findings became one text. `query_id`: the sub-query that did it, where a provider did. */
export interface Aggregate {
  type: "Aggregate";
  inferred?: boolean | null;
  input_count: number;
  output_preview?: string;
  output_ref?: string | string[] | null;
  query_id?: string | null;
}

/** The swarm was not to be had; the work goes on locally. */
export interface FallbackLocal {
  type: "FallbackLocal";
  inferred?: boolean | null;
  reason: string;
}

/** A child RLM begins. The root's node is `root` and has no RlmStart. */
export interface RlmStart {
  type: "RlmStart";
  inferred?: boolean | null;
  node_id: string;
  parent_id?: string | null;
  name?: string | null;
  depth?: number | null;
  model?: string | null;
  config?: Record<string, unknown> | null;
  query?: string | null;
  query_ref?: string | string[] | null;
}

/** A child RLM ended. `attributes`: what its producer said of it beyond this format. */
export interface RlmEnd {
  type: "RlmEnd";
  inferred?: boolean | null;
  node_id: string;
  answer?: string | null;
  answer_ref?: string | string[] | null;
  end_reason?: string | null;
  error?: Failure | null;
  attributes?: Record<string, unknown> | null;
}

/** A turn of an RLM begins; `n` counts from 1. */
export interface IterationStart {
  type: "IterationStart";
  inferred?: boolean | null;
  n: number;
  node_id?: string;
  max_n?: number | null;
}

/** A turn of an RLM ended. */
export interface IterationEnd {
  type: "IterationEnd";
  inferred?: boolean | null;
  n: number;
  node_id?: string;
  max_n?: number | null;
}

/** A piece of code begins to run in the REPL. */
export interface CellStart {
  type: "CellStart";
  inferred?: boolean | null;
  cell_id: string;
  node_id?: string;
  code_preview?: string;
  code_ref?: string | string[] | null;
}

/** A piece of code has run. `variables` maps names to short descriptions. */
export interface CellEnd {
  type: "CellEnd";
  inferred?: boolean | null;
  cell_id: string;
  stdout_preview?: string;
  stdout_ref?: string | string[] | null;
  stderr_preview?: string;
  stderr_ref?: string | string[] | null;
  error?: Failure | null;
  duration_ms?: number | null;
  variables?: Record<string, string> | null;
}

/** A tool is called. */
export interface ToolStart {
  type: "ToolStart";
  inferred?: boolean | null;
  tool_id: string;
  name: string;
  parent_id?: string | null;
  args_preview?: string;
  args_ref?: string | string[] | null;
}

/** A tool answered or failed. `attributes`: what its producer said beyond this format. */
export interface ToolEnd {
  type: "ToolEnd";
  inferred?: boolean | null;
  tool_id: string;
  result_preview?: string;
  result_ref?: string | string[] | null;
  error?: Failure | null;
  attributes?: Record<string, unknown> | null;
}

/** A value of a metric. `special` stands for what JSON has no number for: nan, inf, -inf. */
export interface Metric {
  type: "Metric";
  inferred?: boolean | null;
  name: string;
  value?: number | null;
  step?: number | null;
  special?: string | null;
  summary?: boolean | null;
}

/** A judgement and who made it; on the run, or on one sub-query. */
export interface Score {
  type: "Score";
  inferred?: boolean | null;
  name: string;
  value: number;
  scorer: string;
  scorer_version?: string | null;
  task_id?: string | null;
  by?: string | null;
  query_id?: string | null;
}

/** A file was kept under `artifacts/` by its hash. */
export interface Artifact {
  type: "Artifact";
  inferred?: boolean | null;
  name: string;
  sha256: string;
  bytes: number;
  media_type?: string | null;
}

/** Something worth saying. `level`: debug, info, warning, error, alert. */
export interface Note {
  type: "Note";
  inferred?: boolean | null;
  message: string;
  level?: string;
  title?: string | null;
}

/** A line that keeps its number and says nothing: torn by a kill, damaged, or blank. */
export interface Hole {
  seq: number;
  reason: "blank" | "damaged" | "too_long" | "torn";
  offset?: number;
  length?: number;
}

/** Settings of a run. What is not set is absent; `params` takes everything else. */
export interface RunConfig {
  method?: string | null;
  model?: string | null;
  sub_model?: string | null;
  chunk_size?: number | null;
  max_depth?: number | null;
  quorum?: number | string | null;
  budget_sats?: number | null;
  budget_usd?: number | null;
  verification?: string | null;
  fanout?: number | null;
  timeout_s?: number | null;
  per_query_timeout_s?: number | null;
  hedge_after?: number | string | null;
  routing?: string | null;
  seed?: number | null;
  dataset?: string | null;
  task_id?: string | null;
  experiment?: string | null;
  tags?: string[];
  name?: string | null;
  notes?: string | null;
  params?: Record<string, unknown>;
}

/** The run itself. `told_*` are its own totals, for a producer that knows of no attempts. */
export interface RunHead {
  run_id: string | null;
  query: string | null;
  query_ref: string | string[] | null;
  status: "cancelled" | "completed" | "failed" | "queued" | "running";
  end_reason: string | null;
  error_type: string | null;
  error_message: string | null;
  started_at: string | null;
  producer: string | null;
  context: Record<string, unknown> | null;
  fragment_count: number | null;
  output: string | null;
  output_ref: string | string[] | null;
  span_refs: SpanRef[];
  iterations: number | null;
  lost: number;
  partial: boolean;
  simulated: boolean;
  holes: Record<string, number>;
  foreign: number;
  last_us: number | null;
  ended_us: number | null;
  announced_us: number | null;
  resumed_us: number | null;
  told_cost_msat: number | null;
  told_cost_usd_nanos: number | null;
  told_input_tokens: number | null;
  told_output_tokens: number | null;
  told_cached_tokens: number | null;
  told_reasoning_tokens: number | null;
  environment: Record<string, unknown>;
}

/** A run in one row. Whether one that has no end still lives, only its lock can say. */
export interface RunSummary {
  lines: number;
  holes: Record<string, number>;
  foreign: number;
  status: "cancelled" | "completed" | "failed" | "queued" | "running";
  end_reason: string | null;
  error_type: string | null;
  error_message: string | null;
  started_at: string | null;
  ended_ms: number | null;
  duration_ms: number | null;
  query: string | null;
  producer: string | null;
  output_preview: string | null;
  span_refs: SpanRef[];
  citations: number | null;
  citations_checked: number | null;
  citations_missing: number | null;
  partial: boolean;
  simulated: boolean;
  lost: number;
  fragments: number | null;
  selected: number | null;
  sub_queries: number;
  returned: number;
  failed: number;
  timed_out: number;
  cancelled: number;
  running: number;
  attempts: number;
  retries: number;
  hedges: number;
  open_attempts: number;
  max_depth: number | null;
  nodes: number;
  iterations: number;
  cells: number;
  tools: number;
  checks_passed: number;
  checks_failed: number;
  artifacts: number;
  scores: number;
  notes: Record<string, number>;
  cost_msat: number | null;
  cost_usd_nanos: number | null;
  apart_msat: number;
  apart_usd_nanos: number;
  unknown_cost: number;
  input_tokens: number | null;
  output_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  unknown_usage: number;
  estimated_usage: number;
  reserved_msat: number | null;
  settled_msat: number | null;
  overage_msat: number | null;
  reserved_usd_nanos: number | null;
  settled_usd_nanos: number | null;
  overage_usd_nanos: number | null;
  environment: Record<string, unknown>;
}

/** A sub-query. Result, provider and error are those of the attempt that decided its status. */
export interface SubQueryRow {
  number: number;
  query_id: string;
  status: "cancelled" | "failed" | "returned" | "running" | "submitted" | "timeout";
  role: "extractor" | "reducer" | "root" | "router" | "sub" | "verifier" | null;
  parent_id: string | null;
  depth: number | null;
  fragment_id: string | null;
  batch_id: string | null;
  batch_index: number | null;
  batch_size: number | null;
  submitted_ms: number | null;
  started_ms: number | null;
  ended_ms: number | null;
  attempts: number;
  provider: string | null;
  model: string | null;
  venue: string | null;
  cost_msat: number | null;
  cost_usd_nanos: number | null;
  unknown_cost: number;
  input_tokens: number | null;
  output_tokens: number | null;
  prompt_preview: string;
  result_preview: string;
  error_type: string | null;
  error_message: string | null;
  span_refs: number;
  inferred: boolean;
}

/** An attempt. `duration_ms` is measured by the stamps, else as the return said. */
export interface AttemptRow {
  number: number;
  query_id: string;
  replica: number;
  attempt: number;
  status: "cancelled" | "failed" | "returned" | "running" | "submitted" | "timeout";
  executed: boolean;
  hedge: boolean;
  role: "extractor" | "reducer" | "root" | "router" | "sub" | "verifier" | null;
  fragment_id: string | null;
  provider: string | null;
  venue: string | null;
  model: string | null;
  simulated: boolean;
  started_ms: number | null;
  ended_ms: number | null;
  duration_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  cached_tokens: number | null;
  reasoning_tokens: number | null;
  usage_quality: "estimated" | "exact" | "none" | "shared" | null;
  cost_msat: number | null;
  cost_usd_nanos: number | null;
  cost_source: string | null;
  result_preview: string;
  finish_reason: string | null;
  cache_hit: boolean | null;
  error_type: string | null;
  error_message: string | null;
  reason: string | null;
  span_refs: number;
  inferred: boolean;
  offset: number;
  length: number;
}

/** The value that stands for a metric. `special`: nan, inf, -inf. */
export interface MetricRow {
  name: string;
  value: number | null;
  step: number | null;
  special: string | null;
}

export type TraceEvent =
  | RunInit
  | RunDone
  | RunFailed
  | RunCancelled
  | RunResumed
  | Environment
  | EnvLoadFragment
  | EnvSelectFragments
  | SubQuerySubmit
  | SubQueryExecute
  | SubQueryReturn
  | SubQueryTimeout
  | SubQueryCancel
  | VerifyRedundant
  | VerifyObjective
  | VerifyAttestation
  | VerifyCitations
  | BudgetReserve
  | BudgetSettle
  | Aggregate
  | FallbackLocal
  | RlmStart
  | RlmEnd
  | IterationStart
  | IterationEnd
  | CellStart
  | CellEnd
  | ToolStart
  | ToolEnd
  | Metric
  | Score
  | Artifact
  | Note;

/** A line of a trace, as a fold takes it. */
export type TraceLine = Stamped | Hole;
