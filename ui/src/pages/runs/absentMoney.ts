import type { RunItem } from '../../live/shapes.gen'
import { amountIn, costOf, type Rate } from '../../parts/money'

const CURRENCIES = { cost: 'sats', cost_usd: 'dollars' } as const
type MoneyColumn = keyof typeof CURRENCIES
type Priced = Parameters<typeof costOf>[0] & Pick<RunItem, 'id'>

const isMoney = (key: string): key is MoneyColumn => key in CURRENCIES

/**
 * Of these columns, those of a currency that no run has while another has one; where no cost is
 * known at all, all but the first.
 */
export function absentMoney(
  keys: readonly string[],
  runs: readonly Priced[],
  rate: Rate | null,
): Set<string> {
  const money = keys.filter(isMoney)
  if (runs.length === 0) return new Set()
  const told = money.filter((key) =>
    runs.some((run) => amountIn(costOf(run), CURRENCIES[key], rate).amount !== null),
  )
  const kept = told.length > 0 ? told : money.slice(0, 1)
  return new Set(money.filter((key) => !kept.includes(key)))
}
