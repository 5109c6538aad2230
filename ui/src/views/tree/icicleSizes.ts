import { amountIn, type Currency, costOf, type Rate } from '../../parts/money'
import { ROOT } from '../../trace/picture.gen'
import { childEnd } from './ChildBar'
import { costsOf } from './costs'
import type { Forest } from './forest'
import { type Amounts, type Measure, orZero, tookOf } from './icicleLayout'
import { type Branch, type ChildRun, hangsOn } from './rows'

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
    if (measure === 'time') return tookOf(branch.forest, nowIn(branch, now_us))
    const { forest } = branch
    const own = measure === 'tokens' ? forest.tokens : costsOf(forest, currency, rate).amounts
    return withRuns(branch, orZero(own), ofRun)
  }
  const ofThings = (branch: Branch): Float64Array => {
    const found = known.get(branch) ?? amounts(branch)
    known.set(branch, found)
    return found
  }
  const ofRun = (child: ChildRun): number => {
    const { item, branch } = child
    if (measure === 'time') return tookBy(child, now_us)
    const own =
      measure === 'tokens' ? item.tokens_used : amountIn(costOf(item), currency, rate).amount
    return Math.max(own ?? 0, branch ? ofThings(branch)[ROOT] : 0)
  }
  return { currency, isAbout, ofThings, ofRun }
}

/** What is in a branch is in what began it, and in all above. */
function withRuns(
  branch: Branch,
  amounts: Float64Array,
  ofRun: (child: ChildRun) => number,
): Float64Array {
  if (branch.children.length === 0) return amounts
  const parents = parentsIn(branch.forest)
  for (const child of branch.children) {
    const amount = ofRun(child)
    for (let at = hangsOn(branch, child); at >= 0; at = parents[at]) amounts[at] += amount
  }
  return amounts
}

/** The parent of each thing in the tree; -1 of the root, and of what is not in it. */
function parentsIn({ first, children }: Forest): Int32Array {
  const parents = new Int32Array(first.length - 1).fill(-1)
  for (let thing = 0; thing < parents.length; thing += 1)
    for (let at = first[thing]; at < first[thing + 1]; at += 1) parents[children[at]] = thing
  return parents
}

function tookBy(child: ChildRun, now_us: number): number {
  const took = childEnd(child, now_us) - child.offset_us
  return Number.isNaN(took) ? (child.item.duration_ms ?? 0) * 1000 : Math.max(0, took)
}

/** Where the clock of a run stands: where it ended, if it did. */
function nowIn({ forest, offset_us, hasEnded }: Branch, now_us: number): number {
  const { run } = forest.picture
  if (hasEnded || Number.isNaN(offset_us)) return run.ended_us ?? run.last_us ?? 0
  return now_us - offset_us
}
