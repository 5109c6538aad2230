import { useEffect, useState } from 'react'
import { boardNow_ms } from '../live/boardClock'

/** The time by the clock of the board, as often as it is said. */
export function useNow(every_ms = 15_000): number {
  const [now, setNow] = useState(boardNow_ms)
  useEffect(() => {
    setNow(boardNow_ms())
    const timer = setInterval(() => setNow(boardNow_ms()), every_ms)
    return () => clearInterval(timer)
  }, [every_ms])
  return now
}
