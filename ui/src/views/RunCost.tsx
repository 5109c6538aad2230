import type { RunItem } from '../live/shapes.gen'
import { Money } from '../parts/Quantity'

interface Props {
  run: Pick<RunItem, 'cost_msat' | 'cost_usd_nanos' | 'unknown_cost'>
  bare?: boolean
}

/** What a run cost, in the currency that comes first. */
export function RunCost({ run, bare = false }: Props) {
  const { cost_msat, cost_usd_nanos, unknown_cost } = run
  return <Money msat={cost_msat} nanos={cost_usd_nanos} unknown={unknown_cost} bare={bare} />
}
