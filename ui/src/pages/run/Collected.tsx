import { OwnCalls } from '../../views/OwnCalls'
import { Quorum } from '../../views/Quorum'
import type { Seen } from './useMoment'

interface Props {
  seen: Seen
  planned: number
  /** The share that must succeed; null where no quorum is asked. */
  threshold: number | null
}

/** How many answers came of those that were asked; of a run that asks none, what it did itself. */
export function Collected({ seen, planned, threshold }: Props) {
  return threshold === null && planned === 0 ? (
    <OwnCalls picture={seen.picture} hasEnded={seen.hasEnded} />
  ) : (
    <Quorum totals={seen.totals} planned={planned} threshold={threshold} hasEnded={seen.hasEnded} />
  )
}
