import { amountIn, type Currency, costOf, type Rate } from '../../parts/money'
import { childEnd } from './ChildBar'
import { costsOf } from './costs'
import { type Amounts, type Measure, orZero, tookOf } from './icicleLayout'
import type { Branch } from './rows'

export interface Sizes extends Amounts {
  /** Of costs. */
  currency: Currency
  isAbout: boolean
}

/** What the width of an icicle says: of all runs in it the same, in one unit. */
export function sizesOf(
  trunk: Branch,
  measure: Measure,
  now_us: number,
  first: Currency,
  rate: Rate | null,
): Sizes {
  const { currency, isAbout } = costsOf(trunk.forest, first, rate)
  const known = new Map<Branch, Float64Array>()
  const amounts = (branch: Branch): Float64Array => {
    if (measure === 'tokens') return orZero(branch.forest.tokens)
    if (measure === 'cost') return orZero(costsOf(branch.forest, currency, rate).amounts)
    return tookOf(branch.forest, nowIn(branch, now_us))
  }
  return {
    currency,
    isAbout,
    ofThings: (branch) => {
      const found = known.get(branch) ?? amounts(branch)
      known.set(branch, found)
      return found
    },
    ofRun: (child) => {
      const { item } = child
      if (measure === 'tokens') return item.tokens_used ?? 0
      if (measure === 'cost') return amountIn(costOf(item), currency, rate).amount ?? 0
      const took = childEnd(child, now_us) - child.offset_us
      return Number.isNaN(took) ? (item.duration_ms ?? 0) * 1000 : Math.max(0, took)
    },
  }
}

/** Where the clock of a run stands: where it ended, if it did. */
function nowIn({ forest, offset_us, hasEnded }: Branch, now_us: number): number {
  const { run } = forest.picture
  if (hasEnded || Number.isNaN(offset_us)) return run.ended_us ?? run.last_us ?? 0
  return now_us - offset_us
}
