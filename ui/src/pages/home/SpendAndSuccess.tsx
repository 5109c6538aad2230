import { useCallback, useMemo } from 'react'
import type { Overview } from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { type Currency, otherThan, type Rate, rateSaid, say } from '../../parts/money'
import { spoken as said } from '../../parts/numbers'
import { Pending } from '../../parts/Pending'
import { Picture } from '../../parts/Picture'
import { usePreferences, useRate } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { usePhone } from '../../parts/useMedia'
import { bucketsOf, paintSpend, type SpendBucket, spoken } from '../../views/spend'
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
  const currency = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  const isHourly = range === '24h'
  const buckets = useMemo(
    () => (overview ? bucketsOf(overview, isHourly, currency, rate) : []),
    [overview, isHourly, currency, rate],
  )
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, size: Size, ink: Ink) =>
      paintSpend(pen, size, ink, buckets, { isPhone, isHourly, currency }),
    [buckets, isPhone, isHourly, currency],
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
            <span>
              <Unit buckets={buckets} currency={currency} rate={rate} />, by{' '}
              {isHourly ? 'hour' : 'day'}
            </span>
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
        <Picture
          paint={paint}
          className={style.plot}
          label={spoken(overview, isHourly, currency, rate)}
        />
      ) : (
        <Pending why={why} />
      )}
    </Frame>
  )
}

interface UnitProps {
  buckets: readonly SpendBucket[]
  currency: Currency
  rate: Rate | null
}

/** In what the bars are drawn: whether some of it was converted, and what is not in them. */
function Unit({ buckets, currency, rate }: UnitProps) {
  const name = currency === 'sats' ? 'Sats' : 'Dollars'
  const beside = buckets.reduce((sum, bucket) => sum + bucket.beside, 0)
  if (beside > 0) {
    const other = said(say(otherThan(currency), beside))
    return (
      <span title={`${other} more was recorded in the other currency; no rate is recorded`}>
        {name} (without {other})
      </span>
    )
  }
  if (!buckets.some((bucket) => bucket.isAbout) || rate === null) return name
  return <span title={`Some of it converted: ${rateSaid(rate)}`}>≈ {name}</span>
}
