import { Link } from '@tanstack/react-router'
import type { RunWhole } from '../../live/shapes.gen'
import { whole as said } from '../../parts/numbers'
import style from './RunPage.module.css'
import type { RunSearch, RunTab } from './search'

interface Props {
  whole: RunWhole
  /** How many lines the trace has, at the moment that is shown. */
  lines: number
}

export function Tabs({ whole, lines }: Props) {
  const { run } = whole
  const tabs: [RunTab | undefined, string, number | null][] = [
    [undefined, 'Fan-out', null],
    ['answer', 'Answer and evidence', run.citations],
    ['metrics', 'Metrics', Object.keys(run.metrics).length || null],
    ['config', 'Config', null],
    ['trace', 'Trace', lines],
    ['artifacts', 'Artifacts', run.artifacts || null],
    ['comments', 'Comments', null],
  ]
  return (
    <nav className={style.tabs} aria-label="Parts of this run">
      {tabs.map(([key, name, count]) => (
        <Link
          key={name}
          to="."
          search={(was) => ({ ...keptIn(was), tab: key }) as never}
          activeOptions={{ includeSearch: true, explicitUndefined: true }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {name} {count !== null && <span className="num">{said(count)}</span>}
        </Link>
      ))}
    </nav>
  )
}

/** What is selected stays selected from tab to tab, and so does the moment of a replay. */
const keptIn = (search: unknown): Pick<RunSearch, 'sel' | 'at'> => {
  const { sel, at } = search as RunSearch
  return { ...(sel !== undefined && { sel }), ...(at !== undefined && { at }) }
}
