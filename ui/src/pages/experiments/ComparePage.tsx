import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { exported } from '../../live/exported'
import { runsQuestion } from '../../live/queries'
import { Command } from '../../parts/Command'
import { Segmented } from '../../parts/Segmented'
import { Empty } from '../../parts/Trouble'
import { titleOf } from '../../views/runTitle'
import { useTitle } from '../shell/crumbs'
import { Compared, isSideBySide } from './Compared'
import { CopyLink } from './CopyLink'
import style from './Experiments.module.css'

const WAYS = [
  { value: 'beside', label: 'Side by side' },
  { value: 'table', label: 'Table' },
] as const

/** Chosen runs side by side. */
export function ComparePage() {
  const search = useSearch({ from: '/rlm/compare' })
  const go = useNavigate()
  useTitle({ name: 'Runs', to: '/rlm/runs' }, { name: 'Compare' })
  const runs = search.runs ?? []
  if (runs.length === 0 && !search.filter) return <Nothing />
  const isBeside = isSideBySide(runs.length, search)
  const show = (way: 'beside' | 'table') =>
    go({
      to: '/rlm/compare',
      search: {
        ...search,
        as: isSideBySide(runs.length, {}) === (way === 'beside') ? (undefined as never) : way,
      },
      replace: true,
    })
  return (
    <div className={style.page}>
      <header className={style.header}>
        <h1>
          {runs.length === 1 ? 'One run, and beside it' : `Compare ${runs.length || ''} runs`}
        </h1>
        <div className={style.actions}>
          {runs.length > 0 && <AddRun runs={runs} />}
          {runs.length > 0 && (
            <Segmented
              label="Show as"
              value={isBeside ? 'beside' : 'table'}
              options={WAYS}
              onChange={show}
            />
          )}
          <CopyLink />
        </div>
      </header>
      <Compared
        ask={runs.length ? { run: runs } : { filter: search.filter }}
        search={search}
        base={search.base ?? runs[0] ?? null}
        name="runs"
        isChosen
      />
    </div>
  )
}

function Nothing() {
  return (
    <>
      <h1 className="sr">Compare runs</h1>
      <Empty title="Choose runs in the list with x, then c. Or give runs the same experiment:">
        <Command text='$ rlmboard run "…" --experiment first' />
      </Empty>
    </>
  )
}

const OFFERED = 40

/** One more of the latest runs. */
function AddRun({ runs }: { runs: readonly string[] }) {
  const go = useNavigate()
  const { data } = useQuery(runsQuestion({ limit: OFFERED, count: false }))
  const free = (data?.runs ?? []).filter((run) => !runs.includes(run.id))
  if (exported || free.length === 0) return null
  return (
    <select
      aria-label="Add a run"
      className={style.add}
      value=""
      onChange={(event) =>
        go({
          to: '/rlm/compare',
          search: (was) => ({ ...was, runs: [...runs, event.target.value] }),
        })
      }
    >
      <option value="">Add a run …</option>
      {free.map((run) => (
        <option key={run.id} value={run.id}>
          {titleOf(run)}
        </option>
      ))}
    </select>
  )
}
