import { Frame } from '../parts/Frame'
import { Glyph } from '../parts/Glyph'
import { saidApart, titleOf } from '../parts/money'
import { dollars, type Said, sats, significant, spoken, whole } from '../parts/numbers'
import { useRate } from '../parts/preferences'
import { Unknown } from '../parts/Quantity'
import { Empty } from '../parts/Trouble'
import type { Totals } from '../trace/totals'
import style from './gauges.module.css'

interface Props {
  totals: Totals
  /** What may be spent, in the unit that the run was limited in; null for no limit. */
  limit: { unit: 'sats' | 'dollars'; amount: number } | null
  inDollars: boolean
  elapsed_ms: number
  /** Done and planned sub-queries, from which the end is projected; null when the run has ended. */
  progress: { done: number; planned: number } | null
}

const CELLS = 50

/** What was spent, what is held back, and where it will end. */
export function Budget(props: Props) {
  const { totals, limit, inDollars, elapsed_ms, progress } = props
  const isDollars = limit ? limit.unit === 'dollars' : comesFirst(totals, inDollars)
  const spent = isDollars ? totals.cost_usd_nanos : totals.cost_msat
  const reserved = (isDollars ? totals.reserved_usd_nanos : totals.reserved_msat) ?? 0
  const say = isDollars ? dollars : sats
  const { rate: recorded } = useRate()
  if (spent === null) {
    return (
      <Frame title="Budget">
        <NoCost totals={totals} />
      </Frame>
    )
  }
  const projected = progress?.done ? (spent / progress.done) * progress.planned : null
  const rate = elapsed_ms > 0 ? (spent / elapsed_ms) * 1000 : 0
  const [amount, most] = saidApart(isDollars ? 'dollars' : 'sats', spent, limit?.amount ?? spent)
  const title = titleOf(
    isDollars ? { msat: null, nanos: spent } : { msat: spent, nanos: null },
    recorded,
  )
  return (
    <Frame
      title="Budget"
      actions={
        <span className="mono" title="spent per second so far">
          ≈ {spoken(say(rate))}/s
        </span>
      }
    >
      <div className={style.gauge}>
        <div className={style.line}>
          <div className={style.big} title={title}>
            {totals.unknown_cost > 0 && '≥ '}
            {amount.figure} <small>{limit ? `of ${spoken(most)}` : amount.unit}</small>
          </div>
          <span className="c-3 num">
            {limit ? free(limit.amount - spent - reserved, say) : 'no limit'}
          </span>
        </div>
        {limit && <Scale {...{ spent, reserved, projected, say }} limit={limit} />}
        <Keys {...{ reserved, projected, say }} spent={amount} unknown={totals.unknown_cost}>
          {isDollars
            ? besideSaid(totals.apart_msat, sats)
            : besideSaid(totals.apart_usd_nanos, dollars)}
        </Keys>
      </div>
    </Frame>
  )
}

/** Without a limit, the currency that comes first, unless only the other was recorded. */
function comesFirst({ cost_msat, cost_usd_nanos }: Totals, inDollars: boolean): boolean {
  return inDollars ? cost_usd_nanos !== null || cost_msat === null : cost_msat === null
}

interface Amounts {
  spent: number
  reserved: number
  projected: number | null
  say: typeof sats
}

const QUARTERS = [0, 0.25, 0.5, 0.75, 1]

function Scale(props: Amounts & { limit: NonNullable<Props['limit']> }) {
  const { spent, reserved, projected, say, limit } = props
  const { amount, unit } = limit
  const tick = (share: number) =>
    unit === 'dollars'
      ? `$${significant((amount * share) / 1e9)}`
      : significant((amount * share) / 1000)
  return (
    <>
      <Cells
        spent={spent / amount}
        reserved={reserved / amount}
        mark={projected === null ? null : projected / amount}
        label={`${spoken(say(spent))} spent, ${spoken(say(reserved))} reserved`}
      />
      <div className={style.axis} aria-hidden="true">
        {QUARTERS.map((share) => (
          <span key={share}>{tick(share)}</span>
        ))}
      </div>
    </>
  )
}

/** What else was spent, in a currency that is not counted here. */
const besideSaid = (amount: number, say: typeof sats) =>
  amount > 0 ? <span>beside {spoken(say(amount))}</span> : null

interface KeysProps extends Omit<Amounts, 'spent'> {
  spent: Said
  unknown: number
  children: React.ReactNode
}

function Keys({ spent, reserved, projected, say, unknown, children }: KeysProps) {
  return (
    <div className={style.keys}>
      <span>
        <i className={style.spent} />
        Settled <b>{spent.figure}</b>
      </span>
      <span>
        <i className={style.reserved} />
        Reserved <b>{say(reserved).figure}</b>
      </span>
      {projected !== null && (
        <span>
          ▾ Projected <b>{say(projected).figure}</b>
        </span>
      )}
      {children}
      {unknown > 0 && (
        <span className="c-slow" title="Attempts whose cost nobody reported">
          {whole(unknown)} unknown
        </span>
      )}
    </div>
  )
}

const free = (left: number, say: typeof sats): string =>
  left < 0 ? `${say(-left).figure} over` : `${say(left).figure} free`

function NoCost({ totals }: { totals: Totals }) {
  if (totals.attempts === 0) return <Empty title="No provider was asked: nothing was spent." />
  if (totals.unknown_cost === 0)
    return <Empty title={`No price yet: ${whole(totals.attempts)} in flight.`} />
  return (
    <Empty title="">
      <span className="c-2">
        Cost <Unknown />: none of {whole(totals.attempts)} attempts reported a price.
      </span>
    </Empty>
  )
}

function Cells({
  spent,
  reserved,
  mark,
  label,
}: {
  spent: number
  reserved: number
  mark: number | null
  label: string
}) {
  return (
    <div className={style.cells} role="img" aria-label={label}>
      {Array.from({ length: CELLS }, (_, n) => {
        const share = (n + 0.5) / CELLS
        return (
          <i
            key={n}
            className={
              share < spent ? style.spent : share < spent + reserved ? style.reserved : undefined
            }
          />
        )
      })}
      {mark !== null && <b style={{ left: `${Math.min(1, mark) * 100}%` }} title="projected" />}
      {spent + reserved > 1.0001 && (
        <span className={style.over}>
          <Glyph name="fail" label="over the limit" />
        </span>
      )}
    </div>
  )
}
