import type { RunItem } from '../live/shapes.gen'
import { costOf } from '../parts/money'
import { Money } from '../parts/Quantity'

interface Props {
  run: Pick<
    RunItem,
    'cost_msat' | 'cost_usd_nanos' | 'apart_msat' | 'apart_usd_nanos' | 'unknown_cost'
  >
  bare?: boolean
}

/** What a run cost, in the currency that comes first. */
export const RunCost = ({ run, bare = false }: Props) => (
  <Money {...costOf(run)} unknown={run.unknown_cost} bare={bare} />
)
