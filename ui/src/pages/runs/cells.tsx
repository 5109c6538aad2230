import type { RunItem } from '../../live/shapes.gen'
import { Glyph } from '../../parts/Glyph'
import { Meter } from '../../parts/Meter'
import { Pill } from '../../parts/Pill'
import { withoutCodes } from '../../trace/terminal'
import { titleOf } from '../../views/runTitle'
import style from './RunsPage.module.css'

export function Name({ run }: { run: RunItem }) {
  const holes = Object.entries(run.holes).reduce(
    (sum, [why, n]) => sum + (why === 'blank' ? 0 : n),
    0,
  )
  return (
    <>
      <code className={`ell ${style.name}`} title={run.id}>
        {titleOf(run)}
      </code>
      {run.star && (
        <span className={style.star} title="starred">
          ★<span className="sr">starred</span>
        </span>
      )}
      {holes > 0 && (
        <span
          className={style.torn}
          title={`${holes} damaged lines in trace.jsonl, shown as holes`}
        >
          <Glyph name="torn" size={10} plain />
          {holes}
        </span>
      )}
    </>
  )
}

export function SubQueries({ run }: { run: RunItem }) {
  const done = run.sub_queries - run.running
  const bad = run.failed + run.timed_out
  const open = run.status === 'running' || run.status === 'interrupted'
  return (
    <span className={style.sub}>
      {open && run.sub_queries > 0 && (
        <Meter
          parts={[
            { kind: run.status === 'running' ? 'flight' : 'cut', share: done / run.sub_queries },
          ]}
          label={`${done} of ${run.sub_queries} done`}
        />
      )}
      <span className="num">
        {done < run.sub_queries && (
          <>
            {done}
            <span className="u"> / </span>
          </>
        )}
        {run.sub_queries}
      </span>
      <span className={style.bad}>
        {bad > 0 && (
          <>
            <Glyph name="fail" size={10} label="failed or timed out" />{' '}
            <span className="c-fail num">{bad}</span>
          </>
        )}
      </span>
    </span>
  )
}

export function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <>
      {tags.map((tag) => (
        <Pill key={tag}>{tag}</Pill>
      ))}
    </>
  )
}

/** Absent: nobody set it, or it does not apply. */
export const None = () => <span className="c-3">–</span>

export function Said({ value, plain = false }: { value: unknown; plain?: boolean }) {
  if (value === null || value === undefined || value === '') return <None />
  const words = typeof value === 'object' ? JSON.stringify(value) : withoutCodes(String(value))
  return (
    <span className={plain ? 'ell' : `ell mono ${style.small}`} title={words}>
      {words}
    </span>
  )
}
