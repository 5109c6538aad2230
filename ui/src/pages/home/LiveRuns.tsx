import { Link } from '@tanstack/react-router'
import { useCallback, useEffect, useRef } from 'react'
import type { RunItem } from '../../live/shapes.gen'
import { fitted, inkOf, useThemeTurn } from '../../parts/canvas'
import { Frame } from '../../parts/Frame'
import { Glyph } from '../../parts/Glyph'
import { Meter, type MeterPart } from '../../parts/Meter'
import { say } from '../../parts/money'
import { spoken, whole } from '../../parts/numbers'
import { LiveMark } from '../../parts/Pill'
import { Duration } from '../../parts/Quantity'
import { titleOf } from '../../views/runTitle'
import { Lanes } from '../../views/timeline/lanes'
import { layout } from '../../views/timeline/layout'
import { paintBars } from '../../views/timeline/paintBars'
import { type Palette, paletteOf } from '../../views/timeline/palette'
import { RunClock } from '../run/clock'
import { budgetOf, quorumOf } from '../run/limits'
import { useFollowed } from '../run/useFollowed'
import style from './LiveRuns.module.css'

const SHOWN = 4
const STRIP_US = 6_000_000

/** Runs that go on now: their last seconds, and how far they are. */
export function LiveRuns({ runs }: { runs: readonly RunItem[] }) {
  const done = runs.reduce((sum, run) => sum + run.sub_queries - run.running, 0)
  const planned = runs.reduce((sum, run) => sum + plannedOf(run), 0)
  return (
    <Frame
      title={
        <>
          Live runs <LiveMark />
        </>
      }
      label="Live runs"
      note="last 6 s of each"
      actions={
        <span className="num">
          {whole(done)} of {whole(planned)} sub-queries done
        </span>
      }
    >
      {runs.slice(0, SHOWN).map((run) => (
        <One key={run.id} run={run} />
      ))}
      {runs.length > SHOWN && (
        <Link to="/rlm/runs" search={{ filter: 'status:running' }} className={`lnk ${style.more}`}>
          {runs.length - SHOWN} more
        </Link>
      )}
    </Frame>
  )
}

const plannedOf = (run: RunItem): number => Math.max(run.sub_queries, run.selected ?? 0)

function One({ run }: { run: RunItem }) {
  return (
    <Link to="/rlm/runs/$id" params={{ id: run.id }} className={style.run}>
      <div className={style.words}>
        <code>
          <Glyph name="run" label="running" />
          <span className="ell">{titleOf(run)}</span>
        </code>
        <p className="ell">{run.query}</p>
        <small>
          {[run.config.method, run.config.model].filter(Boolean).join(' · ')} ·{' '}
          <Duration ms={run.duration_ms} />
        </small>
      </div>
      <Strip run={run} />
      <div className={style.progress}>
        <Done run={run} />
        <Collected run={run} />
        <Spent run={run} />
      </div>
    </Link>
  )
}

function Done({ run }: { run: RunItem }) {
  const planned = Math.max(1, plannedOf(run))
  const done = run.sub_queries - run.running
  const parts: MeterPart[] = [
    { kind: 'done', share: done / planned },
    { kind: 'flight', share: run.running / planned },
  ]
  const of = `/ ${whole(planned)}`
  return <Line name="Done" parts={parts} figure={whole(done)} of={of} />
}

function Collected({ run }: { run: RunItem }) {
  const planned = Math.max(1, plannedOf(run))
  const quorum = quorumOf(run.config, planned)
  if (quorum === null) return null
  const share = run.returned / planned
  const figure = String(Math.floor(share * 100))
  const of = `of ${Math.round(quorum * 100)} %`
  return <Line name="Quorum" parts={[{ kind: 'done', share }]} mark={quorum} {...{ figure, of }} />
}

function Spent({ run }: { run: RunItem }) {
  const budget = budgetOf(run.config)
  const isSats = budget?.unit === 'sats'
  const spent = isSats ? run.cost_msat : run.cost_usd_nanos
  if (budget === null || spent === null) return null
  const reserved = (isSats ? run.reserved_msat : run.reserved_usd_nanos) ?? 0
  const parts: MeterPart[] = [
    { kind: 'spent', share: spent / budget.amount },
    { kind: 'reserved', share: reserved / budget.amount },
  ]
  const of = `/ ${spoken(say(budget.unit, budget.amount))}`
  return <Line name="Budget" parts={parts} figure={say(budget.unit, spent).figure} of={of} />
}

interface LineProps {
  name: string
  parts: readonly MeterPart[]
  mark?: number
  figure: string
  of: string
}

function Line({ name, parts, mark, figure, of }: LineProps) {
  return (
    <>
      <span>{name}</span>
      <Meter parts={parts} mark={mark ?? null} label={`${name}: ${figure} ${of}`} />
      <b className="num">
        {figure}
        <span className="u"> {of}</span>
      </b>
    </>
  )
}

/** The last seconds of a run, packed. */
function Strip({ run }: { run: RunItem }) {
  const follower = useFollowed(run.id)
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useThemeTurn()
  const palette = useRef<Palette | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are those of the theme
  useEffect(() => {
    palette.current = null
  }, [theme])
  const paint = useCallback(
    (lanes: Lanes, clock: RunClock) => {
      if (!canvas.current || !follower) return
      const { width, height } = canvas.current.getBoundingClientRect()
      const pen = fitted(canvas.current, width, height)
      if (!pen || width === 0) return
      const now_us = clock.now_us(follower, true, run.created_at_ms)
      const drawn = { picture: follower.picture, children: [] }
      lanes.update(drawn)
      palette.current ??= paletteOf(pen, inkOf(canvas.current))
      const { ink } = palette.current
      pen.fillStyle = ink.inset
      pen.fillRect(0, 0, width, height)
      // The layout leaves room above for ruler and overview, which a strip has not.
      pen.translate(0, -70)
      const made = layout(
        drawn,
        lanes,
        { t0: now_us - STRIP_US, t1: now_us + STRIP_US * 0.02 },
        { now_us, hasEnded: false, hasLater: false },
        { width, height: height + 70, gutter: 0, scroll: 0, bands: 0 },
      )
      paintBars(pen, drawn, made, palette.current)
      pen.fillStyle = ink.accent
      pen.fillRect(Math.round(made.x(now_us)), 70, 1, height)
    },
    [follower, run.created_at_ms],
  )
  useEffect(() => {
    const lanes = new Lanes('packed')
    const clock = new RunClock()
    let frame = 0
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const tick = () => {
      if (!document.hidden) paint(lanes, clock)
      frame = still
        ? window.setTimeout(tick, 1000)
        : requestAnimationFrame(() => {
            frame = requestAnimationFrame(tick)
          })
    }
    tick()
    return () => (still ? clearTimeout(frame) : cancelAnimationFrame(frame))
  }, [paint])
  return (
    <span className={style.strip}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`The last seconds of ${titleOf(run)}: ${run.running} in flight`}
      />
    </span>
  )
}
