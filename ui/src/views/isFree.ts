import type { ProviderItem } from '../live/shapes.gen'

type Spent = Pick<ProviderItem, 'cost_msat' | 'cost_usd_nanos' | 'unknown_cost'>

/** Whether all that a provider did is known to have cost nothing. */
export const isFree = ({ cost_msat, cost_usd_nanos, unknown_cost }: Spent): boolean =>
  !cost_msat && !cost_usd_nanos && (cost_msat ?? cost_usd_nanos) !== null && unknown_cost === 0
