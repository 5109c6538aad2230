import type { RunItem } from '../../live/shapes.gen'
import { amountIn, type Currency, costOf, type Rate } from '../../parts/money'

const CURRENCIES = { cost: 'sats', cost_usd: 'dollars' } as const
type MoneyColumn = keyof typeof CURRENCIES
type Priced = Parameters<typeof costOf>[0] & Pick<RunItem, 'unknown_cost'>

const isMoney = (key: string): key is MoneyColumn => key in CURRENCIES

/** At least nothing is nothing known. */
function isTold(run: Priced, currency: Currency, rate: Rate | null): boolean {
  const { amount } = amountIn(costOf(run), currency, rate)
  return amount !== null && (amount > 0 || run.unknown_cost === 0)
}

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
  const told = money.filter((key) => runs.some((run) => isTold(run, CURRENCIES[key], rate)))
  const kept = told.length > 0 ? told : money.slice(0, 1)
  return new Set(money.filter((key) => !kept.includes(key)))
}
