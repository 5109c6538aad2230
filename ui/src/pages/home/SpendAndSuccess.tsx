import { useCallback } from 'react'
import type { Overview } from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Pending } from '../../parts/Pending'
import { Picture } from '../../parts/Picture'
import { usePreferences } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { usePhone } from '../../parts/useMedia'
import { bucketsOf, paintSpend, spoken } from '../../views/spend'
import style from './HomePage.module.css'
import { RANGES } from './ranges'

interface Props {
  overview: Overview | undefined
  why: Error | null
  range: string
  onRange: (range: string) => void
}

/** Spend by hour or day, and the share of runs that completed, on one axis of time. */
export function SpendAndSuccess({ overview, why, range, onRange }: Props) {
  const isPhone = usePhone()
  const inDollars = usePreferences((preferences) => preferences.currency) === 'dollars'
  const isHourly = range === '24h'
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, size: Size, ink: Ink) =>
      overview &&
      paintSpend(pen, size, ink, bucketsOf(overview, isHourly, inDollars), {
        isPhone,
        isHourly,
        inDollars,
      }),
    [overview, isPhone, isHourly, inDollars],
  )
  return (
    <Frame
      title="Spend and success"
      note={
        <span className={style.legend}>
          <span>
            <i className={style.keyLine} />
            Runs completed
          </span>
          <span>
            <i className={style.keyBar} />
            {inDollars ? 'Dollars' : 'Sats'}, by {isHourly ? 'hour' : 'day'}
          </span>
          <span>
            <i className="hatch" />
            on runs that failed
          </span>
        </span>
      }
      actions={<Segmented label="Range" value={range} options={RANGES} onChange={onRange} />}
    >
      {overview ? (
        <Picture paint={paint} className={style.plot} label={spoken(overview, isHourly)} />
      ) : (
        <Pending why={why} />
      )}
    </Frame>
  )
}
