import type { RunItem } from '../../live/shapes'
import { whole } from '../../parts/numbers'
import { Dollars, Duration, Sats, Tokens } from '../../parts/Quantity'
import { Readouts } from '../../parts/Readouts'
import type { Picture } from '../../trace/picture'
import type { Totals } from '../../trace/totals'
import { seqAt } from '../../views/moment'

interface Props {
  run: RunItem
  picture: Picture
  totals: Totals
  planned: number
  now_us: number
  isReplay: boolean
  isLive: boolean
  inDollars: boolean
}

/** A run in seven figures. */
export function RunReadouts({
  run,
  picture,
  totals,
  planned,
  now_us,
  isReplay,
  isLive,
  inDollars,
}: Props) {
  const done = totals.sub_queries - totals.running - unasked(picture)
  const tokens =
    totals.input_tokens === null && totals.output_tokens === null
      ? null
      : (totals.input_tokens ?? 0) + (totals.output_tokens ?? 0)
  const end = picture.run.ended_us ?? picture.run.last_us
  return (
    <Readouts
      label="The run in figures"
      readouts={[
        {
          label: isReplay ? 'At' : isLive ? 'Elapsed' : 'Took',
          value: <Duration ms={now_us / 1000} />,
          ...(isReplay &&
            end !== null && {
              note: (
                <>
                  of <Duration ms={end / 1000} />
                </>
              ),
            }),
        },
        { label: 'Sub-queries', value: whole(done), note: `/ ${whole(planned)}` },
        isLive || isReplay
          ? { label: 'In flight', value: whole(inFlight(picture)) }
          : {
              label: 'Attempts',
              value: whole(totals.attempts),
              note: [
                several(totals.retries, 'retry', 'retries'),
                several(totals.hedges, 'hedge', 'hedges'),
              ]
                .filter(Boolean)
                .join(', '),
            },
        {
          label: 'Cost',
          value: inDollars ? (
            <Dollars value={totals.cost_usd_nanos} unknown={totals.unknown_cost} />
          ) : (
            <Sats value={totals.cost_msat} unknown={totals.unknown_cost} />
          ),
        },
        { label: 'Tokens', value: <Tokens value={tokens} unknown={totals.unknown_usage} /> },
        { label: 'Evidence', value: whole(spans(picture)), note: 'SpanRefs' },
        isReplay
          ? {
              label: 'Event',
              value: whole(seqAt(picture, now_us)),
              note: `/ ${whole(picture.seq)}`,
            }
          : cited(run, isLive),
      ]}
    />
  )
}

function cited(run: RunItem, isLive: boolean) {
  if (run.citations === null)
    return { label: 'Cited', value: <span className="c-3">{isLive ? '–' : 'none'}</span> }
  const missing = run.citations_missing
  return {
    label: 'Cited',
    value: whole(run.citations - (missing ?? 0)),
    note: `/ ${whole(run.citations)} ${run.citations_checked === null ? 'spans, not checked' : 'verified'}`,
  }
}

function unasked({ queries }: Picture): number {
  let count = 0
  for (let row = 0; row < queries.rows; row += 1) if (queries.state[row] === 0) count += 1
  return count
}

function inFlight({ attempts }: Picture): number {
  let count = 0
  for (let row = 0; row < attempts.rows; row += 1) if (attempts.state[row] === 1) count += 1
  return count
}

function spans({ attempts }: Picture): number {
  let sum = 0
  for (let row = 0; row < attempts.rows; row += 1)
    if (attempts.span_refs[row] > 0) sum += attempts.span_refs[row]
  return sum
}

const several = (n: number, one: string, many: string): string =>
  n ? `${n} ${n === 1 ? one : many}` : ''
