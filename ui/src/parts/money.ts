import { dollars, exact, type Said, sats, spoken } from './numbers'

export type Currency = 'sats' | 'dollars'

/** What one bitcoin cost in dollars on a day, as a person recorded it. */
export interface Rate {
  usd_per_btc: number
  on: string
}

/** A cost as it was recorded: in one currency, in both, or in neither. */
export interface Cost {
  /** Thousandths of a sat. */
  msat: number | null
  /** Billionths of a dollar. */
  nanos: number | null
  /** Of a sum: what of each comes from parts of which the other was not recorded. */
  apart?: { msat: number; nanos: number } | undefined
}

export interface SaidCost {
  said: Said
  /** Some of it was recorded in the other currency, and converted. */
  isAbout: boolean
  /** What else it cost, in the other currency, where nothing is converted. */
  plus: Said | null
  /** The exact amount as recorded, and what it was converted by. */
  title: string
}

const MSAT_PER_BTC = 1e11
const NANOS_PER_USD = 1e9

/** Nanodollars of so many millisats, and back; null without a rate. */
export const nanosOf = (msat: number | null, rate: Rate | null): number | null =>
  msat === null || rate === null ? null : (msat / MSAT_PER_BTC) * rate.usd_per_btc * NANOS_PER_USD
export const msatOf = (nanos: number | null, rate: Rate | null): number | null =>
  nanos === null || rate === null ? null : (nanos / NANOS_PER_USD / rate.usd_per_btc) * MSAT_PER_BTC

/**
 * A cost in the currency that comes first. What was recorded in the other alone is converted by the
 * recorded rate, and said to be; without a rate it stays what it was. Null where nobody knows.
 */
export function costSaid(cost: Cost, first: Currency, rate: Rate | null): SaidCost | null {
  const { msat, nanos } = cost
  const second = first === 'sats' ? 'dollars' : 'sats'
  const [own, other] = first === 'sats' ? [msat, nanos] : [nanos, msat]
  const beside =
    (own === null ? other : first === 'sats' ? cost.apart?.nanos : cost.apart?.msat) ?? 0
  if (own === null && other === null) return null
  const title = titleOf(cost, rate)
  const converted = beside
    ? first === 'sats'
      ? msatOf(beside, rate)
      : nanosOf(beside, rate)
    : null
  if (converted !== null) {
    // Of both, the title does not say yet by what they were put together.
    const by = own !== null && rate ? `, together at ${rateSaid(rate)}` : ''
    return {
      said: say(first, (own ?? 0) + converted),
      isAbout: true,
      plus: null,
      title: `${title}${by}`,
    }
  }
  if (own === null) return { said: say(second, other ?? 0), isAbout: false, plus: null, title }
  return { said: say(first, own), isAbout: false, plus: beside ? say(second, beside) : null, title }
}

/** What several cost together. Null in a currency in which none of them was recorded. */
export function sumOf(costs: readonly Cost[]): Cost {
  const plus = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : a + b)
  const sum = { msat: null, nanos: null, apart: { msat: 0, nanos: 0 } } as Cost & {
    apart: { msat: number; nanos: number }
  }
  for (const { msat, nanos } of costs) {
    sum.msat = plus(sum.msat, msat)
    sum.nanos = plus(sum.nanos, nanos)
    if (msat === null) sum.apart.nanos += nanos ?? 0
    if (nanos === null) sum.apart.msat += msat ?? 0
  }
  return sum
}

export const say = (currency: Currency, amount: number): Said =>
  currency === 'sats' ? sats(amount) : dollars(amount)

/** What was recorded, exactly; in the currency that was not, about how much that is. */
export function titleOf({ msat, nanos }: Cost, rate: Rate | null): string {
  const parts = [
    msat === null ? null : `${exact(msat / 1000)} sats`,
    nanos === null ? null : `$${exact(nanos / NANOS_PER_USD)}`,
  ].filter((part) => part !== null)
  if (rate === null || parts.length !== 1) return parts.join(' and ')
  const about = msat === null ? sats(msatOf(nanos, rate) ?? 0) : dollars(nanosOf(msat, rate) ?? 0)
  return `${parts[0]}, ≈ ${spoken(about)} at ${rateSaid(rate)}`
}

export const rateSaid = ({ usd_per_btc, on }: Rate): string =>
  `1 BTC = $${exact(usd_per_btc)} of ${on}`
