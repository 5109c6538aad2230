import { Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { useCallback, useState } from 'react'
import type { Follower } from '../../live/follow'
import { Button } from '../../parts/Button'
import { duration, spoken } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import { useKeys } from '../keys'
import style from './ReplayBar.module.css'
import { usePlayhead } from './usePlayhead'
import type { Replay } from './useReplay'
import { useRunSearch } from './useRunSearch'

interface Props {
  follower: Follower
  replay: Replay
  /** Whoever paints each frame. */
  onPaint?: () => void
}

const SPEEDS = ['¼×', '1×', '4×', '16×'] as const
type Speed = (typeof SPEEDS)[number]
const FACTOR: Record<Speed, number> = { '¼×': 0.25, '1×': 1, '4×': 4, '16×': 16 }

/** Plays a run again, as it was. */
export function ReplayBar({ follower, replay, onPaint = nobody }: Props) {
  const [, change] = useRunSearch()
  const [speed, setSpeed] = useState<Speed>('1×')
  const end_us = follower.picture.run.ended_us ?? follower.picture.run.last_us ?? 0
  const { playhead, onMove } = replay
  const onSettle = useCallback((at: number) => change({ at }), [change])
  const head = usePlayhead({ playhead, onMove, onPaint, onSettle, end_us }, FACTOR[speed])
  const said = spoken(duration(head.shown_us / 1000))
  const jump = (to_us: number) => {
    head.drag(to_us)
    head.settle()
  }
  useKeys({ ' ': head.toggle })
  return (
    <div className={style.bar}>
      <Buttons head={head} onBegin={() => jump(0)} onEnd={() => jump(end_us)} />
      <span className={`mono ${style.time}`}>
        {said} <span className="c-3">/ {spoken(duration(end_us / 1000))}</span>
      </span>
      <div className={style.track}>
        <Troubles follower={follower} end_us={end_us} />
        <input
          type="range"
          aria-label="Playhead"
          min={0}
          max={end_us}
          step={1000}
          value={head.shown_us}
          aria-valuetext={said}
          onChange={(event) => head.drag(Number(event.target.value))}
          onPointerUp={head.settle}
          onKeyUp={head.settle}
        />
      </div>
      <Segmented
        label="Speed"
        value={speed}
        options={SPEEDS.map((value) => ({ value, label: value }))}
        onChange={setSpeed}
      />
    </div>
  )
}

const nobody = () => {}

interface ButtonProps {
  head: ReturnType<typeof usePlayhead>
  onBegin: () => void
  onEnd: () => void
}

function Buttons({ head, onBegin, onEnd }: ButtonProps) {
  const name = head.isPlaying ? 'Pause' : 'Play'
  return (
    <>
      <Button size="square" aria-label="To the beginning" onClick={onBegin}>
        <SkipBack />
      </Button>
      <Button size="square" kind="primary" aria-label={name} title="Space" onClick={head.toggle}>
        {head.isPlaying ? <Pause /> : <Play />}
      </Button>
      <Button size="square" aria-label="To the end" onClick={onEnd}>
        <SkipForward />
      </Button>
    </>
  )
}

/** Where something failed or timed out, below and above the track. */
function Troubles({ follower, end_us }: { follower: Follower; end_us: number }) {
  const { attempts } = follower.picture
  const marks: { at: number; kind: 'fail' | 'slow' }[] = []
  const taken = new Set<number>()
  for (let row = 0; row < attempts.rows; row += 1) {
    const state = attempts.state[row]
    if (state !== FAILED && state !== TIMEOUT) continue
    const at = Math.round((attempts.ended_us[row] / Math.max(1, end_us)) * 400)
    if (taken.has(at)) continue
    taken.add(at)
    marks.push({ at: at / 4, kind: state === FAILED ? 'fail' : 'slow' })
  }
  return marks.map((mark) => (
    <i
      key={`${mark.kind}${mark.at}`}
      className={style[mark.kind]}
      style={{ left: `${mark.at}%` }}
      aria-hidden="true"
    />
  ))
}
