import { useEffect, useState } from 'react'

/** False until what stands there already is on the screen: what is heavy comes after it. */
export function useAfterPaint(): boolean {
  const [isAfter, setAfter] = useState(false)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    // The second frame begins when the first was handed on.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        timer = setTimeout(() => setAfter(true))
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [])
  return isAfter
}
