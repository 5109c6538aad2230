import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Who is told while a run is played again. */
export interface Played {
  /** In microseconds; moved here, read by who paints. */
  playhead: RefObject<number | null>
  end_us: number
  /** Panels are told a few times a second, the picture at each frame. */
  onMove: () => void
  onPaint: () => void
  onSettle: (at_ms: number) => void
}

const PANELS_MS = 180

/** The playhead: moved by time, by hand, and settled where it is let go. */
export function usePlayhead(
  { playhead, end_us, onMove, onPaint, onSettle }: Played,
  factor: number,
) {
  // An address that names a moment shows that moment; a replay that begins is played.
  const [isPlaying, setPlaying] = useState(() => !playhead.current)
  const [shown_us, setShown] = useState(playhead.current ?? 0)
  const told = useRef(0)
  const at = () => playhead.current ?? 0
  const move = useCallback(
    (to_us: number) => {
      playhead.current = Math.min(end_us, Math.max(0, to_us))
      onPaint()
      if (performance.now() - told.current < PANELS_MS) return
      told.current = performance.now()
      setShown(playhead.current)
      onMove()
    },
    [playhead, end_us, onPaint, onMove],
  )
  const settle = useCallback(() => {
    setPlaying(false)
    setShown(playhead.current ?? 0)
    onMove()
    onSettle(Math.round((playhead.current ?? 0) / 1000))
  }, [playhead, onMove, onSettle])
  const drag = (to_us: number) => {
    setPlaying(false)
    told.current = 0
    move(to_us)
  }
  const toggle = () => {
    if (isPlaying) return settle()
    if (at() >= end_us) playhead.current = 0
    setPlaying(true)
  }
  useFrames(isPlaying, (ms) => {
    move(at() + ms * 1000 * factor)
    if (at() >= end_us) settle()
  })
  return { isPlaying, shown_us, toggle, drag, settle }
}

/** Calls with the milliseconds since the last frame, for as long as it is on. */
function useFrames(isOn: boolean, call: (ms: number) => void): void {
  const latest = useRef(call)
  latest.current = call
  useEffect(() => {
    if (!isOn) return
    let before = performance.now()
    let frame = 0
    const tick = (now: number) => {
      frame = requestAnimationFrame(tick)
      latest.current(now - before)
      before = now
    }
    frame = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(frame)
  }, [isOn])
}
