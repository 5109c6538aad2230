import { dollars, exact, type Said, sats, spoken } from './numbers'

export type Currency = 'sats' | 'dollars'

/** What may be spent: millisats, or nanodollars. */
export interface SpendLimit {
  unit: Currency
  amount: number
}

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

/** An amount in one currency. */
export interface Amount {
  /** Millisats, or nanodollars; null where no part of it can be said in this currency. */
  amount: number | null
  /** Some of it was recorded in the other currency, and converted. */
  isAbout: boolean
  /** What else it cost in the other currency, where nothing is converted. */
  beside: number
}

/** A cost in this currency: what was recorded in the other alone is converted by the rate. */
export function amountIn(cost: Cost, currency: Currency, rate: Rate | null): Amount {
  const isSats = currency === 'sats'
  const own = isSats ? cost.msat : cost.nanos
  const apart = apartOf(cost)
  const beside = isSats ? apart.nanos : apart.msat
  const isOther = own === null && (isSats ? cost.nanos : cost.msat) !== null
  if (beside === 0 && !isOther) return { amount: own, isAbout: false, beside: 0 }
  const converted = isSats ? msatOf(beside, rate) : nanosOf(beside, rate)
  if (converted === null) return { amount: own, isAbout: false, beside }
  return { amount: (own ?? 0) + converted, isAbout: beside !== 0, beside: 0 }
}

function apartOf({ msat, nanos, apart }: Cost): { msat: number; nanos: number } {
  return {
    msat: nanos === null ? (msat ?? 0) : (apart?.msat ?? 0),
    nanos: msat === null ? (nanos ?? 0) : (apart?.nanos ?? 0),
  }
}

/**
 * A cost in the currency that comes first. What was recorded in the other alone is converted by the
 * recorded rate, and said to be; without a rate it stays what it was. Null where nobody knows.
 */
export function costSaid(cost: Cost, first: Currency, rate: Rate | null): SaidCost | null {
  const { amount, isAbout, beside } = amountIn(cost, first, rate)
  const second = otherThan(first)
  const title = titleOf(cost, rate)
  if (amount === null) {
    const other = first === 'sats' ? cost.nanos : cost.msat
    return other === null ? null : { said: say(second, other), isAbout: false, plus: null, title }
  }
  // Of both, the title does not say yet by what they were put together.
  const isBoth = cost.msat !== null && cost.nanos !== null
  const by = isAbout && isBoth && rate ? `, together at ${rateSaid(rate)}` : ''
  const plus = beside ? say(second, beside) : null
  return { said: say(first, amount), isAbout, plus, title: `${title}${by}` }
}

/** The same in words. */
export function spokenCost(cost: Cost, first: Currency, rate: Rate | null): string {
  const found = costSaid(cost, first, rate)
  if (found === null) return 'cost unknown'
  const plus = found.plus ? ` + ${spoken(found.plus)}` : ''
  return `${found.isAbout ? '≈ ' : ''}${spoken(found.said)}${plus}`
}

export const otherThan = (currency: Currency): Currency =>
  currency === 'sats' ? 'dollars' : 'sats'

interface Priced {
  cost_msat: number | null
  cost_usd_nanos: number | null
  apart_msat: number
  apart_usd_nanos: number
}

/** The cost of a run, a provider, or of many together. */
export const costOf = ({
  cost_msat,
  cost_usd_nanos,
  apart_msat,
  apart_usd_nanos,
}: Priced): Cost => ({
  msat: cost_msat,
  nanos: cost_usd_nanos,
  apart: { msat: apart_msat, nanos: apart_usd_nanos },
})

/** What several cost together. Null in a currency in which none of them was recorded. */
export function sumOf(costs: readonly Cost[]): Cost & { apart: { msat: number; nanos: number } } {
  const plus = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : a + b)
  const apart = { msat: 0, nanos: 0 }
  const sum: Cost = { msat: null, nanos: null }
  for (const cost of costs) {
    sum.msat = plus(sum.msat, cost.msat)
    sum.nanos = plus(sum.nanos, cost.nanos)
    const { msat, nanos } = apartOf(cost)
    apart.msat += msat
    apart.nanos += nanos
  }
  return { ...sum, apart }
}

export const say = (currency: Currency, amount: number): Said =>
  currency === 'sats' ? sats(amount) : dollars(amount)

/**
 * Two amounts that are read beside each other, as what was spent and what may be: with as many digits
 * as tell them apart.
 */
export function saidApart(currency: Currency, one: number, other: number): [Said, Said] {
  const both: [Said, Said] = [say(currency, one), say(currency, other)]
  for (let digits = 4; one !== other && digits <= MOST_DIGITS; digits += 1) {
    if (both[0].figure !== both[1].figure) break
    both[0] = { ...both[0], figure: figureOf(currency, one, digits) }
    both[1] = { ...both[1], figure: figureOf(currency, other, digits) }
  }
  return both
}

const MOST_DIGITS = 15

function figureOf(currency: Currency, amount: number, digits: number): string {
  const value = currency === 'sats' ? amount / 1000 : amount / NANOS_PER_USD
  return `${currency === 'dollars' ? '$' : ''}${exact(Number(value.toPrecision(digits)))}`
}

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
