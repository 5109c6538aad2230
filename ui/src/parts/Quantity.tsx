import { amountIn, type Cost, type Currency, costSaid, otherThan, say, titleOf } from './money'
import type { Said } from './numbers'
import { count, dollars, duration, exact, percent, sats, spoken } from './numbers'
import { usePreferences, useRate } from './preferences'

interface SaidProps {
  said: Said
  /** The exact value, shown when pointed at. */
  title?: string | undefined
  /** Others of the sum are unknown: at least this. */
  atLeast?: boolean | undefined
  /** It was converted, or guessed. */
  isAbout?: boolean | undefined
}

/** A figure with its unit small beside it. */
export function Figure({ said, title, atLeast = false, isAbout = false }: SaidProps) {
  return (
    <span className="num" title={title}>
      {atLeast && <span title="at least: part of it is unknown">≥ </span>}
      {isAbout && '≈ '}
      {said.figure}
      {said.unit && <span className="u"> {said.unit}</span>}
    </span>
  )
}

/** What nobody said. Never zero. */
export function Unknown({ why }: { why?: string | undefined }) {
  return (
    <span className="unk" title={why}>
      unknown
    </span>
  )
}

type Amount = number | null | undefined

interface Props {
  value: Amount
  /** How many parts of the sum are unknown. */
  unknown?: number | undefined
  why?: string
  bare?: boolean
  /** How many parts of the sum are estimates. */
  estimated?: number | undefined
}

const missing = (unknown: number | undefined) =>
  unknown ? `; ${unknown} more unknown, so at least this` : ''

/** At least nothing is nothing known. */
const saysNothing = (value: number, unknown: number | undefined): boolean =>
  value === 0 && !!unknown

export function Sats({ value: msat, unknown, why = 'No price was reported', bare }: Props) {
  const { rate } = useRate()
  if (msat == null || saysNothing(msat, unknown)) return <Unknown why={why} />
  const said = sats(msat)
  const title = `${titleOf({ msat, nanos: null }, rate)}${missing(unknown)}`
  return <Figure said={bare ? { ...said, unit: '' } : said} title={title} atLeast={!!unknown} />
}

export function Dollars({ value: nanos, unknown, why = 'No price was reported' }: Props) {
  const { rate } = useRate()
  if (nanos == null || saysNothing(nanos, unknown)) return <Unknown why={why} />
  return (
    <Figure
      said={dollars(nanos)}
      title={`${titleOf({ msat: null, nanos }, rate)}${missing(unknown)}`}
      atLeast={!!unknown}
    />
  )
}

interface MoneyProps extends Omit<Props, 'value'> {
  msat: Amount
  nanos: Amount
  /** Of a sum: what of each comes from parts of which the other was not recorded. */
  apart?: { msat: number; nanos: number } | undefined
}

/**
 * A cost in the currency that comes first for this person. What was recorded in the other alone is
 * converted where a rate is recorded, and marked; else it stays what it was. `bare` leaves out the
 * unit of the currency that comes first.
 */
export function Money({
  msat,
  nanos,
  apart,
  unknown,
  bare,
  why = 'No price was reported',
}: MoneyProps) {
  const first = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  const cost = { msat: msat ?? null, nanos: nanos ?? null, apart }
  const found = costSaid(cost, first, rate)
  if (!found || (!cost.msat && !cost.nanos && !!unknown)) return <Unknown why={why} />
  const { said, plus, isAbout, title } = found
  const isBare = bare && first === 'sats' && said.unit.startsWith('sat')
  return (
    <>
      <Figure
        said={isBare ? { ...said, unit: '' } : said}
        title={`${title}${missing(unknown)}`}
        atLeast={!!unknown}
        isAbout={isAbout}
      />
      {plus && <span className="u"> + {spoken(plus)}</span>}
    </>
  )
}

interface MoneyInProps extends Omit<Props, 'value'> {
  currency: Currency
  cost: Cost
}

/** A cost in one currency, whichever comes first; a dash where it was recorded in the other alone. */
export function MoneyIn({
  currency,
  cost,
  unknown,
  bare = false,
  why = 'No price was reported',
}: MoneyInProps) {
  const { rate } = useRate()
  const { amount, isAbout, beside } = amountIn(cost, currency, rate)
  if (amount === null && beside === 0) return <Unknown why={why} />
  if (saysNothing(amount ?? beside, unknown)) return <Unknown why={why} />
  const title = `${titleOf(cost, rate)}${missing(unknown)}`
  if (amount === null)
    return (
      <span className="c-3" title={`Recorded as ${title}; no rate is recorded to show it by`}>
        –
      </span>
    )
  const said = say(currency, amount)
  return (
    <>
      <Figure
        said={bare ? { ...said, unit: '' } : said}
        title={title}
        atLeast={!!unknown}
        isAbout={isAbout}
      />
      {beside > 0 && (
        <span className="u" title={`and ${spoken(say(otherThan(currency), beside))}`}>
          {' '}
          +
        </span>
      )}
    </>
  )
}

export function Tokens({ value, unknown, estimated, why = 'No usage was reported' }: Props) {
  if (value == null) return <Unknown why={why} />
  return (
    <Figure
      said={count(value)}
      title={`${exact(value)} tokens${estimated ? `; ${estimated} of it estimated` : ''}${missing(unknown)}`}
      atLeast={!!unknown}
      isAbout={!!estimated}
    />
  )
}

export function Count({ value }: { value: Amount }) {
  return value == null ? <Unknown /> : <Figure said={count(value)} title={exact(value)} />
}

export function Duration({ ms, why }: { ms: Amount; why?: string }) {
  if (ms == null) return <Unknown why={why} />
  return <Figure said={duration(ms)} title={`${exact(Math.round(ms * 1000) / 1000)} ms`} />
}

export function Percent({ share }: { share: Amount }) {
  return share == null ? (
    <span className="c-3">–</span>
  ) : (
    <Figure said={percent(share)} title={`${exact(share * 100)} %`} />
  )
}
