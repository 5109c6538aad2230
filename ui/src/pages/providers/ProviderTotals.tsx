import type { ProviderItem } from '../../live/shapes.gen'
import { costOf, sumOf } from '../../parts/money'
import { percent, whole } from '../../parts/numbers'
import { Duration, Figure, Money } from '../../parts/Quantity'
import { Readouts } from '../../parts/Readouts'
import { medianOf } from '../../views/logBins'

/** All providers of the window in seven figures. */
export function ProviderTotals({
  rows,
  window,
}: {
  rows: readonly ProviderItem[]
  window: string
}) {
  const sum = (of: (row: ProviderItem) => number) => rows.reduce((total, row) => total + of(row), 0)
  const attempts = sum((row) => row.attempts)
  const judged = sum((row) => row.returned + row.failed + row.timed_out)
  const share = (count: number) => (attempts ? percent(count / attempts).figure : '0')
  return (
    <Readouts
      label="All providers"
      readouts={[
        {
          label: 'Providers',
          value: whole(rows.length),
          note: window === 'all' ? 'ever' : `in ${window}`,
        },
        { label: 'Attempts', value: whole(attempts) },
        {
          label: 'Answered',
          value: judged ? <Figure said={percent(sum((row) => row.returned) / judged)} /> : '–',
        },
        {
          label: 'Timed out',
          value: whole(sum((row) => row.timed_out)),
          note: `${share(sum((row) => row.timed_out))} %`,
        },
        {
          label: 'Failed',
          value: whole(sum((row) => row.failed)),
          note: `${share(sum((row) => row.failed))} %`,
        },
        {
          label: 'Latency p50',
          value: <Duration ms={medianOf(rows)} why="nothing returned" />,
          note: 'overall',
        },
        {
          label: 'Spend',
          value: <Money {...sumOf(rows.map(costOf))} unknown={sum((row) => row.unknown_cost)} />,
        },
      ]}
    />
  )
}
