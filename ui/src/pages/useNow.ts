import { useEffect, useState } from 'react'
import { boardNow_ms, watchClock } from '../live/boardClock'

/** The time by the clock of the board, as often as it is said. */
export function useNow(every_ms = 15_000): number {
  const [now, setNow] = useState(boardNow_ms)
  useEffect(() => {
    const look = () => setNow(boardNow_ms())
    look()
    const stop = watchClock(look)
    const timer = setInterval(look, every_ms)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [every_ms])
  return now
}
