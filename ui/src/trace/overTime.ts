/** Quorum and budget over time, out of the columns of a picture.
 *
 * They are not kept as they come: a report that comes late belongs where it happened. One pass over
 * the columns, without sorting, is quick enough for every frame.
 */

import type { Picture } from './picture'
import { CANCELLED, FAILED, RETURNED, TIMEOUT } from './picture.gen'
import { counts, wasExecuted } from './totals'

/** Each value is what holds at the end of its bin. */
export interface OverTime {
  /** End of each bin. */
  at_us: Float64Array
  /** Sub-queries that have come to that end; calls of the root are outside. */
  returned: Float64Array
  failed: Float64Array
  timed_out: Float64Array
  cancelled: Float64Array
  /** Attempts under way. */
  in_flight: Float64Array
  settled_msat: Float64Array
  reserved_msat: Float64Array
  settled_usd_nanos: Float64Array
  reserved_usd_nanos: Float64Array
}

/** From one time to another in so many bins of the same length; what came after now is left out. */
export function overTime(
  picture: Picture,
  fromUs: number,
  toUs: number,
  bins: number,
  nowUs = Number.POSITIVE_INFINITY,
): OverTime {
  const bin = (Math.max(toUs - fromUs, 1) || 1) / bins
  const at = Float64Array.from({ length: bins }, (_, n) => fromUs + (n + 1) * bin)
  at[bins - 1] = Math.max(toUs, fromUs + 1)
  const add = (series: Float64Array, atUs: number, amount: number) => {
    if (!(atUs <= Math.min(at[bins - 1], nowUs)) || Number.isNaN(amount)) return
    series[Math.min(Math.max(Math.ceil((atUs - fromUs) / bin) - 1, 0), bins - 1)] += amount
  }
  const series = {
    at_us: at,
    ...endings(picture, bins, add),
    in_flight: inFlight(picture, bins, add),
    ...money(picture, bins, add),
  }
  for (const [name, values] of Object.entries(series)) if (name !== 'at_us') accumulate(values)
  return series
}

type Add = (series: Float64Array, atUs: number, amount: number) => void

function endings(picture: Picture, bins: number, add: Add) {
  const { queries } = picture
  const [returned, failed, timedOut, cancelled] = blank(4, bins)
  const of: Record<number, Float64Array | undefined> = {
    [RETURNED]: returned,
    [FAILED]: failed,
    [TIMEOUT]: timedOut,
    [CANCELLED]: cancelled,
  }
  for (let row = 0; row < queries.rows; row++) {
    const series = of[queries.state[row]]
    if (series !== undefined && counts(picture, row)) add(series, queries.ended_us[row], 1)
  }
  return { returned, failed, timed_out: timedOut, cancelled }
}

function inFlight(picture: Picture, bins: number, add: Add): Float64Array {
  const { attempts } = picture
  const [series] = blank(1, bins)
  for (let row = 0; row < attempts.rows; row++) {
    if (!wasExecuted(picture, row) || Number.isNaN(attempts.started_us[row])) continue
    add(series, attempts.started_us[row], 1)
    add(series, Math.max(attempts.ended_us[row], attempts.started_us[row]), -1)
  }
  return series
}

function money({ attempts }: Picture, bins: number, add: Add) {
  const [settledMsat, reservedMsat, settledUsd, reservedUsd] = blank(4, bins)
  for (let row = 0; row < attempts.rows; row++) {
    const [reservedUs, settledUs] = [attempts.reserved_us[row], attempts.settled_us[row]]
    const freedUs = Math.max(settledUs, reservedUs)
    add(reservedMsat, reservedUs, attempts.reserved_msat[row])
    add(reservedMsat, freedUs, -attempts.reserved_msat[row])
    add(settledMsat, settledUs, attempts.settled_msat[row])
    add(reservedUsd, reservedUs, attempts.reserved_usd_nanos[row])
    add(reservedUsd, freedUs, -attempts.reserved_usd_nanos[row])
    add(settledUsd, settledUs, attempts.settled_usd_nanos[row])
  }
  return {
    settled_msat: settledMsat,
    reserved_msat: reservedMsat,
    settled_usd_nanos: settledUsd,
    reserved_usd_nanos: reservedUsd,
  }
}

function blank(count: number, bins: number): Float64Array[] {
  return Array.from({ length: count }, () => new Float64Array(bins))
}

function accumulate(values: Float64Array): void {
  for (let n = 1; n < values.length; n++) values[n] += values[n - 1]
}
