import style from './FanoutTimeline.module.css'

const KEYS = [
  ['ok', 'Returned, depth 1 · 2'],
  ['run', 'In flight'],
  ['slow', 'Timed out'],
  ['fail', 'Failed'],
  ['verify', 'Verifying'],
  ['hollow', 'Cancelled'],
] as const

/** What the colours and shapes of attempts say. Turns, cells, tools and children bear their names. */
export function Legend() {
  return (
    <span className={style.legend}>
      {KEYS.map(([kind, words]) => (
        <span key={kind}>
          <i className={style[kind]} />
          {words}
        </span>
      ))}
    </span>
  )
}
