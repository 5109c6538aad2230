import { useEffect, useState } from 'react'
import style from './Loading.module.css'

/** Grey rows in place of what is on its way, and only when it takes longer than 200 ms. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={style.loading} role="status">
      <span className="sr">Loading</span>
      {late &&
        Array.from({ length: rows }, (_, n) => (
          <i key={n} style={{ width: `${88 - ((n * 23) % 47)}%` }} />
        ))}
    </div>
  )
}
