import { Link } from '@tanstack/react-router'
import type { RunWhole } from '../../live/shapes.gen'
import { whole as said } from '../../parts/numbers'
import type { Picture } from '../../trace/picture'
import style from './RunPage.module.css'
import type { RunTab } from './search'

interface Props {
  whole: RunWhole
  picture: Picture
}

export function Tabs({ whole, picture }: Props) {
  const { run } = whole
  const tabs: [RunTab | undefined, string, number | null][] = [
    [undefined, 'Fan-out', null],
    ['answer', 'Answer and evidence', run.citations],
    ['metrics', 'Metrics', Object.keys(run.metrics).length || null],
    ['config', 'Config', null],
    ['trace', 'Trace', picture.seq],
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

/** What is selected stays selected from tab to tab. */
const keptIn = (search: unknown): { sel?: string } => {
  const { sel } = search as { sel?: string }
  return sel === undefined ? {} : { sel }
}
