import type { RunItem } from '../../live/shapes.gen'
import { Meter } from '../../parts/Meter'
import { Duration } from '../../parts/Quantity'
import { when } from '../../parts/times'
import { RunCost } from '../../views/RunCost'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import type { CellWorld } from './columns'
import style from './RunsPage.module.css'

/** A run on a phone. */
export function cardOf(run: RunItem, world: CellWorld) {
  const done = run.sub_queries - run.running
  const bad = run.failed + run.timed_out
  return (
    <div role="gridcell" className={style.card}>
      <StatusGlyph status={run.status} presumed={run.presumed} />
      <code className="ell">{titleOf(run)}</code>
      <span className="c-3">
        {run.status === 'running' ? 'now' : when(run.created_at_ms, world.now_ms)}
      </span>
      <span className={`ell c-2 ${style.cardQuery}`}>{run.query}</span>
      <span className={style.cardFacts}>
        <span className="num">
          {done}
          <span className="u"> of {run.sub_queries}</span>
          {bad > 0 && <span className="c-fail"> × {bad}</span>}
        </span>
        {run.status === 'running' && (
          <Meter
            parts={[{ kind: 'flight', share: run.sub_queries ? done / run.sub_queries : 0 }]}
            label={`${done} of ${run.sub_queries}`}
          />
        )}
        <span className={style.cardCost}>
          <RunCost run={run} />
        </span>
        <Duration ms={run.duration_ms} />
      </span>
    </div>
  )
}
