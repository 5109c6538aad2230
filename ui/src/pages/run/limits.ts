import type { RunItem } from '../../live/shapes.gen'
import type { SpendLimit } from '../../parts/money'
import { withoutCodes } from '../../trace/terminal'

/** The share of sub-queries that must succeed, as the run was told; null for best effort. */
export function quorumOf(config: RunItem['config'], planned: number): number | null {
  const said = config.quorum
  if (said === 'all') return 1
  if (typeof said === 'string' && said.endsWith('%')) return Number.parseFloat(said) / 100
  const number = typeof said === 'number' ? said : Number.parseFloat(String(said))
  if (!Number.isFinite(number)) return null
  return number <= 1 ? number : Math.min(1, number / Math.max(1, planned))
}

export function budgetOf(config: RunItem['config']): SpendLimit | null {
  if (typeof config.budget_sats === 'number')
    return { unit: 'sats', amount: config.budget_sats * 1000 }
  if (typeof config.budget_usd === 'number')
    return { unit: 'dollars', amount: config.budget_usd * 1e9 }
  return null
}

/** What stands beside the name of a run. */
export function factsOf(run: RunItem): [string, string][] {
  const { config } = run
  const facts: [string, unknown][] = [
    ['method', config.method],
    ['model', config.model],
    ['chunk', config.chunk_size],
    ['depth ≤', config.max_depth],
    ['quorum', config.quorum],
    ['seed', config.seed],
    ['git', run.git_sha && run.git_sha.slice(0, 7) + (run.git_dirty ? '*' : '')],
  ]
  return facts.flatMap(([name, value]) =>
    value === null || value === undefined
      ? []
      : [[name, withoutCodes(String(value))] as [string, string]],
  )
}
