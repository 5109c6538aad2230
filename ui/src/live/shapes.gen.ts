/** What the board says and is told, as docs/board.md has it. Null is unknown, never zero. */

import type { SpanRef } from '../trace/events.gen'

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  position: number | null
}

export interface GroupPage {
  groups: RunGroup[]
  next: string | null
  count: number
  order: 'newest' | 'value' | 'mean'
}

export interface RunGroup {
  value: string | number | null
  said: string | null
  runs: number
  statuses: Record<string, number>
  newest_at_ms: number
  cells: Record<string, Spread>
}

export interface Spread {
  n: number
  mean: number
  std: number | null
  lowest: number
  highest: number
  unknown: number
  converted: number
}

export interface RunPage {
  runs: RunItem[]
  next: string | null
  count: number | null
  total: number | null
}

export interface RunItem {
  id: string
  created_at: string
  created_at_ms: number
  ended_at: string | null
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted'
  presumed: boolean
  name: string | null
  tags: string[]
  note: string | null
  star: boolean
  archived: boolean
  experiment: string | null
  query: string
  output: string | null
  config: Record<string, unknown>
  dataset: string | null
  metrics: Record<string, number | null>
  git_sha: string | null
  git_branch: string | null
  git_dirty: boolean | null
  user: string | null
  host: string | null
  producer: string | null
  parent_run_id: string | null
  parent_id: string | null
  trace: string
  end_reason: string | null
  error_type: string | null
  error_message: string | null
  duration_ms: number | null
  cost_sats: number | null
  cost_msat: number | null
  cost_usd_nanos: number | null
  apart_msat: number
  apart_usd_nanos: number
  unknown_cost: number
  tokens_used: number | null
  input_tokens: number | null
  output_tokens: number | null
  cached_tokens: number | null
  reasoning_tokens: number | null
  unknown_usage: number
  estimated_usage: number
  fragments: number | null
  selected: number | null
  sub_queries: number
  returned: number
  failed: number
  timed_out: number
  cancelled: number
  running: number
  attempts: number
  retries: number
  hedges: number
  max_depth: number | null
  nodes: number
  iterations: number
  cells: number
  tools: number
  citations: number | null
  citations_checked: number | null
  citations_missing: number | null
  checks_passed: number
  checks_failed: number
  artifacts: number
  scores: number
  notes: Record<string, number>
  reserved_msat: number | null
  settled_msat: number | null
  overage_msat: number | null
  reserved_usd_nanos: number | null
  settled_usd_nanos: number | null
  overage_usd_nanos: number | null
  simulated: boolean
  partial: boolean
  lost: number
  lines: number
  holes: Record<string, number>
  foreign: number
}

export interface Latency {
  run_id: string
  attempts: number
  p50_ms: number | null
  p95_ms: number | null
  p99_ms: number | null
  from_ms: number[]
  counts: number[]
}

export interface RunCurves {
  run_id: string
  metrics: Record<string, MetricCurve>
}

export interface MetricCurve {
  count: number
  points: (number | null)[]
}

export interface RunWhole {
  run: RunItem
  span_refs: SpanRef[]
  environment: Record<string, unknown>
  argv: string[]
  cwd: string | null
  root: string | null
  pid: number | null
  python: string | null
  platform: string | null
  rlmboard: string | null
  packages: Record<string, string> | null
  payloads: string
  pruned_at: string | null
  payload_bytes: number
  alive: 'owned' | 'free' | 'stale' | 'fresh'
  can_stop: boolean
  children: RunItem[]
  providers: string[]
}

export interface EventPage {
  run_id: string
  lines: Line[]
  next: number | null
  last: number
}

export interface Line {
  seq: number
  timestamp_ms?: number
  event?: { type: string }
  foreign?: true
  hole?: 'torn' | 'damaged' | 'blank' | 'too_long'
}

export interface SubQueryPage {
  sub_queries: SubQueryRow[]
  next: string | null
  count: number
}

export interface SubQueryRow {
  number: number
  query_id: string
  status: 'submitted' | 'running' | 'returned' | 'failed' | 'timeout' | 'cancelled'
  role: string | null
  parent_id: string | null
  depth: number | null
  fragment_id: string | null
  batch_id: string | null
  batch_index: number | null
  batch_size: number | null
  submitted_ms: number | null
  started_ms: number | null
  ended_ms: number | null
  attempts: number
  provider: string | null
  model: string | null
  venue: string | null
  cost_msat: number | null
  cost_usd_nanos: number | null
  unknown_cost: number
  input_tokens: number | null
  output_tokens: number | null
  prompt_preview: string
  result_preview: string
  error_type: string | null
  error_message: string | null
  span_refs: number
  inferred: boolean
}

export interface AttemptPage {
  attempts: AttemptRow[]
  next: string | null
  count: number
}

export interface AttemptRow {
  number: number
  query_id: string
  replica: number
  attempt: number
  status: 'submitted' | 'running' | 'returned' | 'failed' | 'timeout' | 'cancelled'
  executed: boolean
  hedge: boolean
  role: string | null
  fragment_id: string | null
  provider: string | null
  venue: string | null
  model: string | null
  simulated: boolean
  started_ms: number | null
  ended_ms: number | null
  duration_ms: number | null
  input_tokens: number | null
  output_tokens: number | null
  cached_tokens: number | null
  reasoning_tokens: number | null
  usage_quality: 'exact' | 'shared' | 'estimated' | 'none' | null
  cost_msat: number | null
  cost_usd_nanos: number | null
  cost_source: string | null
  result_preview: string
  finish_reason: string | null
  cache_hit: boolean | null
  error_type: string | null
  error_message: string | null
  reason: string | null
  span_refs: number
  inferred: boolean
  offset: number
  length: number
}

export interface SubQueryWhole {
  sub_query: SubQueryRow
  attempts: AttemptRow[]
  prompt: Text[]
  result: Text | null
  results: AttemptResult[]
  span_refs: SpanRef[]
  lines: Line[]
  statements: Statement[]
}

export interface AttemptResult {
  replica: number
  attempt: number
  text: Text
}

export interface Text {
  sha256: string | null
  text: string
  bytes: number | null
  state: 'whole' | 'preview' | 'cut' | 'removed' | 'lost'
}

export interface Citation {
  seq: number | null
  span: SpanRef
  state: 'verified' | 'moved' | 'changed' | 'missing'
  where: 'working tree' | 'commit' | null
  moved_to: [number, number] | null
  detail: string
}

export interface Source {
  citation: Citation
  language: string | null
  now: Excerpt | null
  then: Excerpt | null
}

export interface Excerpt {
  first_line: number
  text: string
  cited: [number, number]
  cut: boolean
}

export interface RunSearch {
  hits: RunHit[]
  searched: number
  of: number
  removed: number
  cut: boolean
}

export interface RunHit {
  sha256: string | null
  seq: number
  query_id: string | null
  field: string
  snippet: string
  found: [number, number]
}

export interface Series {
  name: string
  seq: number[]
  timestamp_ms: number[]
  step: (number | null)[]
  value: (number | null)[]
  special: (string | null)[]
}

export interface Statement {
  at: string
  field: 'name' | 'tags' | 'note' | 'star' | 'archived' | 'experiment' | 'score' | 'comment'
  value: unknown
  by: string | null
  query_id: string | null
}

export interface Kept {
  seq: number
  timestamp_ms: number
  name: string
  sha256: string
  bytes: number
  media_type: string | null
  state: 'whole' | 'lost'
}

export interface SearchPage {
  hits: Hit[]
  cut: boolean
}

export interface Hit {
  run_id: string
  query_id: string | null
  field: string
  snippet: string
}

export interface Facet {
  key: string
  kind: 'text' | 'number' | 'time' | 'flag'
  about: string
  from: 'run' | 'config' | 'metric'
}

export interface FacetValue {
  value: string
  runs: number
}

export interface ExperimentItem {
  name: string
  slug: string
  description: string | null
  baseline: string | null
  runs: number
  statuses: Record<string, number>
  first_run_at_ms: number | null
  last_run_at_ms: number | null
  metrics: MetricTrend[]
}

export interface MetricTrend {
  name: string
  runs: number
  lowest: number | null
  highest: number | null
  lowest_run: string | null
  highest_run: string | null
  trend: number[]
}

export interface Comparison {
  columns: ComparisonColumn[]
  runs: ComparedRun[]
  values: unknown[][]
  groups: ComparisonGroup[]
  count: number
  cut: boolean
}

export interface ComparisonColumn {
  key: string
  from: 'run' | 'config' | 'metric'
  kind: 'number' | 'text' | 'flag' | 'mixed'
  known: number
  distinct: number
  same: unknown
  lowest: number | null
  highest: number | null
}

export interface ComparedRun {
  id: string
  name: string | null
  status: string
  created_at_ms: number
  experiment: string | null
  star: boolean
  archived: boolean
  tags: string[]
  query: string
  simulated: boolean
  apart_msat: number
  apart_usd_nanos: number
  unknown_cost: number
  unknown_usage: number
  estimated_usage: number
}

export interface ComparisonGroup {
  value: unknown
  runs: number[]
  cells: Record<string, GroupCell>
}

export interface GroupCell {
  n: number
  mean: number
  std: number | null
  lowest: number
  highest: number
  unknown: number
}

export interface ProviderPage {
  since_ms: number | null
  until_ms: number | null
  providers: ProviderItem[]
  models: string[]
  venues: string[]
}

export interface ProviderItem {
  provider: string
  venues: string[]
  models: string[]
  simulated: boolean
  attempts: number
  returned: number
  failed: number
  timed_out: number
  cancelled: number
  success_rate: number | null
  p50_ms: number | null
  p95_ms: number | null
  p99_ms: number | null
  tokens: number | null
  cost_msat: number | null
  cost_usd_nanos: number | null
  apart_msat: number
  apart_usd_nanos: number
  msat_per_1k_tokens: number | null
  usd_nanos_per_1k_tokens: number | null
  unknown_cost: number
  runs: number
  last_seen_ms: number
  from_ms: number[]
  counts: number[]
  hours: Hours
}

export interface Hours {
  at_ms: number[]
  returned: number[]
  failed: number[]
  timed_out: number[]
  cancelled: number[]
  p50_ms: (number | null)[]
  p99_ms: (number | null)[]
}

export interface ProviderWhole {
  since_ms: number | null
  until_ms: number | null
  items: ProviderItem[]
  errors: ErrorCount[]
  slowest: ProviderAttempt[]
  failures: ProviderAttempt[]
}

export interface ErrorCount {
  error: string
  status: 'failed' | 'timeout'
  attempts: number
  last_at_ms: number
}

export interface ProviderAttempt {
  run_id: string
  run_name: string | null
  query_id: string
  replica: number
  attempt: number
  status: string
  model: string | null
  error: string | null
  duration_ms: number | null
  ended_at_ms: number
}

export interface Overview {
  since_ms: number
  until_ms: number
  buckets: Bucket[]
  total: Bucket
  failures: FailureCount[]
}

export interface Bucket {
  at_ms: number
  runs: number
  statuses: Record<string, number>
  cost_msat: number | null
  cost_usd_nanos: number | null
  apart_msat: number
  apart_usd_nanos: number
  unknown_cost: number
  lost_msat: number | null
  lost_usd_nanos: number | null
  lost_apart_msat: number
  lost_apart_usd_nanos: number
  sub_queries: number
  tokens: number | null
  unknown_usage: number
  citations: number
  citations_missing: number
}

export interface FailureCount {
  error: string
  status: 'failed' | 'timeout' | 'run'
  attempts: number
  runs: number
  message: string | null
  providers: string[]
  last_at_ms: number
  last_run: string
  last_query: string | null
}

export interface HomeFacts {
  home: string
  version: string
  format: number
  runs: number
  live: number
  notice: string | null
  index_bytes: number
  disk_free_bytes: number
  disk_bytes: number
  trash: Thrown[]
}

export interface Thrown {
  run_id: string
  at: string
}

export interface Finding {
  level: 'fine' | 'notice' | 'damage'
  subject: string
  text: string
}

export interface RateNow {
  rate: Rate | null
}

export interface Rate {
  usd_per_btc: number
  on: string
  source: string | null
  said_at: string
}

export interface LabelChange {
  name?: string | null
  tags?: string[] | null
  note?: string | null
  star?: boolean | null
  archived?: boolean | null
  experiment?: string | null
}

export interface ScoreSaid {
  name: string
  value: number
  query_id?: string | null
  by?: string | null
}

export interface CommentSaid {
  text: string
  query_id?: string | null
  by?: string | null
}

export interface BulkLabel {
  runs: string[]
  set: LabelChange
  add_tags?: string[]
  remove_tags?: string[]
}

export interface RunIds {
  runs: string[]
}

export interface Done {
  done: string[]
  refused: Refusal[]
}

export interface Refusal {
  run: string
  why: string
}

export interface View {
  slug: string
  name: string
  filter: string
  page: string
  state: Record<string, unknown>
}

export interface ViewSaid {
  name: string
  filter?: string
  page?: string
  state?: Record<string, unknown>
}

export interface ExperimentSaid {
  description?: string | null
  baseline?: string | null
}

export interface RateSaid {
  usd_per_btc: number
  on: string
  source?: string | null
}
