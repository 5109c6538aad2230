/** What of the time axis is in sight, and how it moves. Microseconds. */
export interface View {
  t0: number
  t1: number
}

const NARROWEST_US = 500
/** A little room after the last moment, so that its edge is seen. */
export const TAIL = 0.03

export const fitted = (from_us: number, to_us: number): View => {
  const span = Math.max(to_us - from_us, NARROWEST_US)
  return { t0: from_us - span * 0.005, t1: to_us + span * TAIL }
}

/** The latest moments, as long a stretch as before. */
export const following = (view: View, now_us: number): View => {
  const span = view.t1 - view.t0
  const t1 = now_us + span * TAIL
  return { t0: t1 - span, t1 }
}

export const panned = ({ t0, t1 }: View, by_us: number, whole: View): View => {
  const span = t1 - t0
  const low = whole.t0 - span * 0.5
  const high = whole.t1 - span * 0.5
  const start = Math.min(Math.max(t0 + by_us, low), high)
  return { t0: start, t1: start + span }
}

/** Nearer or farther, with the moment under the cursor staying there. */
export const zoomed = ({ t0, t1 }: View, factor: number, at_us: number, whole: View): View => {
  const longest = (whole.t1 - whole.t0) * 1.2
  const span = Math.min(longest, Math.max(NARROWEST_US, (t1 - t0) * factor))
  const share = (at_us - t0) / (t1 - t0)
  return { t0: at_us - span * share, t1: at_us + span * (1 - share) }
}
