import { ListChecks } from 'lucide-react'
import type { ComparedRun } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Popover } from '../../parts/Menu'
import { whole } from '../../parts/numbers'
import { titleOf } from '../../views/runTitle'
import style from './WhichBeside.module.css'

interface Props {
  /** All that are compared, in the order of the table. */
  runs: readonly ComparedRun[]
  /** Those that are drawn. */
  beside: readonly ComparedRun[]
  most: number
  marked: ReadonlySet<string>
  /** Nothing: the first of the table again. */
  onChange: (ids: string[] | undefined) => void
}

/** Which of many runs stand side by side, as timelines and as curves; says how many do not. */
export function WhichBeside({ runs, beside, most, marked, onChange }: Props) {
  const shown = new Set(beside.map((run) => run.id))
  const turn = (id: string) =>
    onChange(
      shown.has(id)
        ? [...shown].filter((one) => one !== id)
        : runs.map((run) => run.id).filter((one) => one === id || shown.has(one)),
    )
  const some = runs.filter((run) => marked.has(run.id)).slice(0, most)
  return (
    <div className={style.which} role="group" aria-label="Which runs are drawn">
      <span className="c-2">
        Timelines, curves and side by side show {beside.length} of {whole(runs.length)} runs:
      </span>
      <span className="ell c-1">{beside.map(titleOf).join(', ')}</span>
      <Popover
        label={`Which of the runs are drawn, ${most} at most`}
        trigger={
          <Button size="small">
            <ListChecks aria-hidden="true" />
            Choose which
          </Button>
        }
      >
        <ul className={style.list} aria-label={`${most} at most`}>
          {runs.map((run) => (
            <li key={run.id}>
              <label>
                <input
                  type="checkbox"
                  checked={shown.has(run.id)}
                  disabled={shown.has(run.id) ? shown.size === 1 : shown.size >= most}
                  onChange={() => turn(run.id)}
                />
                <code className="ell">{titleOf(run)}</code>
              </label>
            </li>
          ))}
        </ul>
        {shown.size >= most && <p className="c-3">These are {most}: leave one out first.</p>}
        <Button kind="quiet" size="small" onClick={() => onChange(undefined)}>
          The first of the table
        </Button>
      </Popover>
      {some.length > 0 && (
        <button type="button" className="lnk" onClick={() => onChange(some.map((run) => run.id))}>
          Show the {some.length < marked.size ? `first ${most} marked` : 'marked'}
        </button>
      )}
    </div>
  )
}
