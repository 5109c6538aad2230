import type { RunItem } from '../../live/shapes.gen'
import style from './RecursionTree.module.css'
import type { ChildRun } from './rows'

const BARS: Record<RunItem['status'], string> = {
  queued: 'bar0',
  running: 'bar1',
  completed: 'bar2',
  failed: 'bar3',
  cancelled: 'bar5',
  interrupted: 'broken',
}

/** When a child run ended, on the clock of the page's run; now while it goes on. */
export function childEnd({ item, offset_us }: ChildRun, now_us: number): number {
  const isOpen = item.status === 'running' || item.status === 'queued'
  return isOpen ? Math.max(now_us, offset_us) : offset_us + (item.duration_ms ?? 0) * 1000
}

interface Props {
  child: ChildRun
  now_us: number
  last_us: number
}

/** A child run among the times of its parent. Where two clocks were compared, it says so. */
export function ChildBar({ child, now_us, last_us }: Props) {
  const { offset_us, clocks, item } = child
  const span = Math.max(1, last_us)
  const from = Math.max(0, offset_us)
  const to = Math.min(childEnd(child, now_us), last_us)
  const isKnown = to > 0 && from <= last_us
  return (
    <div role="gridcell" className={style.when} title={clocks ?? undefined}>
      {isKnown && (
        <i
          className={`${style.bar} ${style[BARS[item.status]]} ${style.barRun}`}
          style={{
            left: `${(from / span) * 100}%`,
            width: `${(Math.max(0, to - from) / span) * 100}%`,
          }}
        />
      )}
      {clocks && (
        <b className={style.clocks} style={{ left: `${(Math.min(from, last_us) / span) * 100}%` }}>
          ≈<span className="sr"> {clocks}</span>
        </b>
      )}
      {!isKnown && !clocks && <span className="c-3">{placeSaid(offset_us, last_us)}</span>}
    </div>
  )
}

function placeSaid(offset_us: number, last_us: number): string {
  if (Number.isNaN(offset_us)) return 'start unknown'
  return offset_us > last_us ? 'later' : 'earlier'
}
