import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A line of a trace: when, in milliseconds of its run, and what. */
export type Told = [at_ms: number, event: { type: string; [field: string]: unknown }]

interface Begun {
  query: string
  started_at: string
  parent_run_id?: string
  parent_id?: string
}

/** Puts a run into a home whose events happened exactly then. */
export function putRun(home: string, id: string, begun: Begun, told: readonly Told[]): string {
  const folder = join(home, 'runs', id)
  mkdirSync(folder, { recursive: true })
  const { query, started_at } = begun
  const init: Told = [0, { type: 'RunInit', program: query, query, started_at, format: 1 }]
  const lines = [init, ...told].map(([timestamp_ms, event]) =>
    JSON.stringify({ run_id: id, timestamp_ms, event }),
  )
  writeFileSync(join(folder, 'trace.jsonl'), `${lines.join('\n')}\n`)
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ format: 1, run_id: id, config: {}, host: 'here', ...begun }),
  )
  return folder
}
