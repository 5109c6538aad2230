// Written by tools/write_types.py (make types). Do not edit.

export const STATES = ["submitted", "running", "returned", "failed", "timeout", "cancelled"] as const;
export const THING_KINDS = ["", "sub-query", "rlm", "turn", "cell", "tool"] as const;
export const CHECKS = ["redundant", "objective", "attestation", "citations"] as const;
export const ROLES = ["root", "router", "extractor", "reducer", "verifier", "sub"] as const;
export const NAMED = ["provider", "model", "venue", "reason", "path"] as const;
export const SUBMITTED = 0;
export const RUNNING = 1;
export const RETURNED = 2;
export const FAILED = 3;
export const TIMEOUT = 4;
export const CANCELLED = 5;
export const UNHEARD = 0;
export const SUB_QUERY = 1;
export const RLM = 2;
export const TURN = 3;
export const CELL = 4;
export const TOOL = 5;
export const ROOT = 0;
export const HEDGE = 1;
export const SIMULATED = 2;
export const INFERRED = 4;
export const CACHE_HIT = 8;
export const ESTIMATED_USAGE = 16;
export const UNKNOWN_COST = 32;
export const ASKED = 64;
export const NAMED_PROVIDER = 128;
export const NAMED_MODEL = 256;
export const ERROR = 512;
export const PARENT_INFERRED = 1024;

/** By which columns a row is known when it is told again. */
export const KEYS = {
  things: ["id"],
  fragments: ["id"],
  checks: ["kind", "thing", "at_us"],
  metrics: ["name"],
  scores: ["name", "scorer", "task_id", "thing", "at_us"],
  artifacts: ["name"],
  notes: ["at_us", "level", "message"],
  aggregates: ["at_us", "thing"],
  turnings: ["at_us", "kind"],
} as const;

/** Of each column: what it holds, how it is sent, and what it is told from. */
export const TABLES = {
  things: {
    id: ["name", "count", ""],
    kind: ["bits", "derived", ""],
    row: ["index", "derived", ""],
    verdicts: ["bits", "derived", ""],
  },
  fragments: {
    id: ["name", "count", ""],
    loaded_seq: ["number", "step", ""],
    size_bytes: ["number", "plain", ""],
    path: ["index", "plain", ""],
    start_line: ["number", "step", ""],
    end_line: ["number", "from", "start_line"],
    selected: ["bits", "plain", ""],
  },
  queries: {
    thing: ["index", "step", ""],
    parent: ["index", "plain", ""],
    depth: ["number", "plain", ""],
    role: ["index", "plain", ""],
    fragment: ["index", "step", ""],
    flags: ["bits", "plain", ""],
    submitted_us: ["time", "step", ""],
    prompt: ["text", "plain", ""],
    prompt_ref: ["ref", "plain", ""],
    state: ["bits", "derived", ""],
    ended_us: ["time", "derived", ""],
    decisive: ["index", "derived", ""],
    first: ["index", "derived", ""],
    last: ["index", "derived", ""],
  },
  attempts: {
    query: ["index", "step", ""],
    attempt: ["number", "plain", ""],
    replica: ["number", "plain", ""],
    state: ["bits", "plain", ""],
    flags: ["bits", "plain", ""],
    provider: ["index", "plain", ""],
    model: ["index", "plain", ""],
    venue: ["index", "plain", ""],
    reason: ["index", "plain", ""],
    started_us: ["time", "from", "queries.submitted_us"],
    ended_us: ["time", "from", "started_us"],
    took_us: ["time", "plain", ""],
    cost_msat: ["number", "plain", ""],
    cost_usd_nanos: ["number", "plain", ""],
    input_tokens: ["number", "plain", ""],
    output_tokens: ["number", "plain", ""],
    cached_tokens: ["number", "plain", ""],
    reasoning_tokens: ["number", "plain", ""],
    span_refs: ["number", "plain", ""],
    reserved_us: ["time", "from", "started_us"],
    reserved_msat: ["number", "plain", ""],
    reserved_usd_nanos: ["number", "plain", ""],
    settled_us: ["time", "from", "ended_us"],
    settled_msat: ["number", "from", "cost_msat"],
    settled_usd_nanos: ["number", "from", "cost_usd_nanos"],
    overage_msat: ["number", "plain", ""],
    overage_usd_nanos: ["number", "plain", ""],
    first_seq: ["number", "step", ""],
    outcome_seq: ["number", "from", "first_seq"],
    last_seq: ["number", "from", "outcome_seq"],
    result: ["text", "plain", ""],
    result_ref: ["ref", "plain", ""],
    error: ["text", "plain", ""],
    next: ["index", "derived", ""],
  },
  nodes: {
    thing: ["index", "step", ""],
    kind: ["bits", "plain", ""],
    parent: ["index", "plain", ""],
    depth: ["number", "plain", ""],
    state: ["bits", "plain", ""],
    flags: ["bits", "plain", ""],
    label: ["name", "plain", ""],
    n: ["number", "plain", ""],
    max_n: ["number", "plain", ""],
    started_us: ["time", "step", ""],
    ended_us: ["time", "from", "started_us"],
    reason: ["index", "plain", ""],
    first_seq: ["number", "step", ""],
    last_seq: ["number", "from", "first_seq"],
    input: ["text", "plain", ""],
    input_ref: ["ref", "plain", ""],
    output: ["text", "plain", ""],
    output_ref: ["ref", "plain", ""],
    stderr: ["text", "plain", ""],
    stderr_ref: ["ref", "plain", ""],
    error: ["text", "plain", ""],
  },
  checks: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    kind: ["bits", "plain", ""],
    thing: ["index", "plain", ""],
    passed: ["bits", "plain", ""],
    part: ["number", "plain", ""],
    whole: ["number", "plain", ""],
    subject: ["name", "plain", ""],
  },
  metrics: {
    name: ["name", "plain", ""],
    value: ["number", "plain", ""],
    step: ["number", "plain", ""],
    summary: ["bits", "plain", ""],
    last_us: ["time", "derived", ""],
    last_step: ["number", "derived", ""],
  },
  points: {
    metric: ["index", "plain", ""],
    at_us: ["time", "step", ""],
    step: ["number", "plain", ""],
    value: ["number", "plain", ""],
  },
  scores: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    name: ["name", "plain", ""],
    value: ["number", "plain", ""],
    scorer: ["name", "plain", ""],
    scorer_version: ["name", "plain", ""],
    task_id: ["name", "plain", ""],
    by: ["name", "plain", ""],
    thing: ["index", "plain", ""],
  },
  artifacts: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    name: ["name", "plain", ""],
    sha256: ["name", "plain", ""],
    bytes: ["number", "plain", ""],
    media_type: ["name", "plain", ""],
  },
  notes: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    level: ["name", "plain", ""],
    title: ["name", "plain", ""],
    message: ["name", "plain", ""],
  },
  aggregates: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    inputs: ["number", "plain", ""],
    thing: ["index", "plain", ""],
    output: ["text", "plain", ""],
    output_ref: ["ref", "plain", ""],
  },
  turnings: {
    at_us: ["time", "step", ""],
    seq: ["number", "step", ""],
    kind: ["name", "plain", ""],
    said: ["name", "plain", ""],
  },
} as const;
