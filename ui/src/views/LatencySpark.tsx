import type { Latency } from '../live/shapes.gen'
import { duration, spoken } from '../parts/numbers'
import { Duration } from '../parts/Quantity'
import { SparkHistogram } from '../parts/Spark'
import { onLogAxis } from './logBins'

/** Latency of a run or provider on the same axis in every row, so that rows compare. */
export function LatencySpark({
  latency,
}: {
  latency: Pick<Latency, 'p50_ms' | 'p95_ms' | 'from_ms' | 'counts'> | undefined
}) {
  if (!latency || latency.p50_ms === null) return <span className="c-3">–</span>
  const { bins, at } = onLogAxis(latency.from_ms, latency.counts)
  const slowFrom = latency.p95_ms === null ? undefined : at(latency.p95_ms) + 1
  return (
    <>
      <SparkHistogram
        bins={bins}
        slowFrom={slowFrom}
        label={`latency, median ${spoken(duration(latency.p50_ms))}`}
      />
      <span style={{ minWidth: 48 }}>
        <Duration ms={latency.p50_ms} />
      </span>
    </>
  )
}
