import { amountIn, type Cost, type Currency, otherThan, type Rate } from '../../parts/money'
import { ROOT } from '../../trace/picture.gen'
import type { Forest } from './forest'

/** What branches cost together, as it was recorded. */
export function costAt(forest: Forest, things: readonly number[]): Cost {
  const sum = (column: Float64Array) =>
    things.reduce<number | null>(
      (total, thing) => (Number.isNaN(column[thing]) ? total : (total ?? 0) + column[thing]),
      null,
    )
  return {
    msat: sum(forest.msat),
    nanos: sum(forest.nanos),
    apart: { msat: sum(forest.apart_msat) ?? 0, nanos: sum(forest.apart_nanos) ?? 0 },
  }
}

/** How dear a branch is: without a rate, by the currency in which it was recorded. */
export function dearness(cost: Cost, currency: Currency, rate: Rate | null): number {
  const { amount, beside } = amountIn(cost, currency, rate)
  return amount ?? (beside > 0 ? beside : Number.NaN)
}

/** What each branch cost, in one currency: the first, unless only the other was recorded. */
export interface Costs {
  currency: Currency
  /** Millisats, or nanodollars; NaN where it is not known. */
  amounts: Float64Array
  isAbout: boolean
}

export function costsOf(forest: Forest, first: Currency, rate: Rate | null): Costs {
  const of = (thing: number, currency: Currency) =>
    amountIn(costAt(forest, [thing]), currency, rate)
  const whole = of(ROOT, first)
  const currency = whole.amount === null && whole.beside > 0 ? otherThan(first) : first
  const amounts = forest.msat.map((_, thing) => of(thing, currency).amount ?? Number.NaN)
  return { currency, amounts, isAbout: whole.isAbout }
}
