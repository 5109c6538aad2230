const FURTHEST_US = 2 ** 52

/** Milliseconds as whole microseconds; what lies too far away is as far as can be told. */
export function microseconds(ms: number): number {
  const us = Math.floor(Math.min(Math.max(ms, -1e15), 1e15) * 1000 + 0.5)
  return Math.min(Math.max(us, -FURTHEST_US), FURTHEST_US)
}
