import { useSearch } from '@tanstack/react-router'
import { Command } from '../../parts/Command'
import { Empty } from '../../parts/Trouble'
import { useTitle } from '../shell/crumbs'
import { Compared } from './Compared'
import style from './Experiments.module.css'

/** Chosen runs side by side. */
export function ComparePage() {
  const search = useSearch({ from: '/rlm/compare' })
  useTitle({ name: 'Runs', to: '/rlm/runs' }, { name: 'Compare' })
  const runs = search.runs ?? []
  if (runs.length === 0 && !search.filter) {
    return (
      <Empty title="Choose runs in the list with x, then c. Or give runs the same experiment:">
        <Command text='$ rlmboard run "…" --experiment first' />
      </Empty>
    )
  }
  return (
    <div className={style.page}>
      <header className={style.header}>
        <h1>Compare {runs.length || ''} runs</h1>
      </header>
      <Compared
        ask={runs.length ? { run: runs } : { filter: search.filter }}
        search={search}
        base={search.base ?? runs[0] ?? null}
        name="runs"
      />
    </div>
  )
}
