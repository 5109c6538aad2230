import { Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'
import type { Follower } from '../../live/follow'
import { Button } from '../../parts/Button'
import { duration, spoken } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { FAILED, TIMEOUT } from '../../trace/picture.gen'
import { useKeys } from '../keys'
import style from './ReplayBar.module.css'

interface Props {
  follower: Follower
  /** In microseconds; moved here, read by who paints. */
  playhead: RefObject<number | null>
  /** Panels are told a few times a second, the picture at each frame. */
  onMove: () => void
  onPaint: () => void
  onSettle: (at_ms: number) => void
}

const SPEEDS = ['¼×', '1×', '4×', '16×'] as const
type Speed = (typeof SPEEDS)[number]
const FACTOR: Record<Speed, number> = { '¼×': 0.25, '1×': 1, '4×': 4, '16×': 16 }
const PANELS_MS = 180

/** Plays a run again, as it was. */
export function ReplayBar({ follower, playhead, onMove, onPaint, onSettle }: Props) {
  const [isPlaying, setPlaying] = useState(true)
  const [speed, setSpeed] = useState<Speed>('1×')
  const [shown, setShown] = useState(playhead.current ?? 0)
  const end = follower.picture.run.ended_us ?? follower.picture.run.last_us ?? 0
  const last = useRef(0)
  const move = useCallback(
    (to_us: number) => {
      playhead.current = Math.min(end, Math.max(0, to_us))
      onPaint()
      if (performance.now() - last.current < PANELS_MS) return
      last.current = performance.now()
      setShown(playhead.current)
      onMove()
    },
    [playhead, end, onPaint, onMove],
  )
  const settle = useCallback(() => {
    setShown(playhead.current ?? 0)
    onMove()
    onSettle(Math.round((playhead.current ?? 0) / 1000))
  }, [playhead, onMove, onSettle])
  useEffect(() => {
    if (!isPlaying) return
    let frame = 0
    let before = performance.now()
    const tick = (now: number) => {
      move((playhead.current ?? 0) + (now - before) * 1000 * FACTOR[speed])
      before = now
      if ((playhead.current ?? 0) >= end) {
        setPlaying(false)
        settle()
      } else frame = requestAnimationFrame(tick)
    }
    frame = requestAnimationFrame(tick)
    return () => cancelAnimationFrame(frame)
  }, [isPlaying, speed, end, move, settle, playhead])
  const toggle = () => {
    if (isPlaying) settle()
    else if ((playhead.current ?? 0) >= end) playhead.current = 0
    setPlaying(!isPlaying)
  }
  const jump = (to_us: number) => {
    setPlaying(false)
    last.current = 0
    move(to_us)
    settle()
  }
  useKeys({ ' ': toggle })
  return (
    <div className={style.bar}>
      <Button size="square" aria-label="To the beginning" onClick={() => jump(0)}>
        <SkipBack />
      </Button>
      <Button
        size="square"
        kind="primary"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        title="Space"
        onClick={toggle}
      >
        {isPlaying ? <Pause /> : <Play />}
      </Button>
      <Button size="square" aria-label="To the end" onClick={() => jump(end)}>
        <SkipForward />
      </Button>
      <span className={`mono ${style.time}`}>
        {spoken(duration(shown / 1000))}{' '}
        <span className="c-3">/ {spoken(duration(end / 1000))}</span>
      </span>
      <div className={style.track}>
        <Troubles follower={follower} end_us={end} />
        <input
          type="range"
          aria-label="Playhead"
          min={0}
          max={end}
          step={1000}
          value={shown}
          aria-valuetext={spoken(duration(shown / 1000))}
          onChange={(event) => {
            setPlaying(false)
            last.current = 0
            move(Number(event.target.value))
          }}
          onPointerUp={settle}
          onKeyUp={settle}
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
