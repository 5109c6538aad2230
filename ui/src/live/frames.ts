import type { Line, Problem, RunItem } from './shapes.gen'

/** What the socket says. */
export type Frame =
  | { type: 'lines'; run_id: string; after: number; to: number; lines: Line[] }
  | { type: 'live'; run_id: string; seq: number }
  | { type: 'gap'; run_id: string; after: number; to: number }
  | { type: 'reset'; run_id: string; reason: 'gone' | 'replaced' }
  | { type: 'status'; run_id: string; status: RunItem['status']; presumed: boolean }
  | { type: 'runs'; changed: RunItem[]; removed: string[]; reload: boolean }
  | { type: 'heartbeat'; at_ms: number }
  | ({ type: 'problem'; problem: string; run_id?: string } & Omit<Problem, 'type'>)

/** What the socket is asked. */
export type Request =
  | { sub: 'run'; run: string; after: number }
  | { unsub: 'run'; run: string }
  | { sub: 'runs' }
  | { unsub: 'runs' }
