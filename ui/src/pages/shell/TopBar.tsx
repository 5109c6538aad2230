import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { Fragment, useSyncExternalStore } from 'react'
import { BoardError } from '../../live/api'
import { liveSocket } from '../../live/browser'
import { homeQuestion } from '../../live/queries'
import { whole } from '../../parts/numbers'
import { useCrumbs } from './crumbs'
import style from './Shell.module.css'

const MAC = /Mac|iP/.test(navigator.platform)

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const crumbs = useCrumbs()
  return (
    <header className={style.top}>
      <div className={style.crumbs}>
        {crumbs.map((crumb, n) =>
          n === crumbs.length - 1 ? (
            <b key={crumb.name}>{crumb.name}</b>
          ) : (
            <Fragment key={crumb.name}>
              <Link to={crumb.to ?? '/rlm'} activeOptions={{ exact: true }}>
                {crumb.name}
              </Link>
              <span aria-hidden="true">/</span>
            </Fragment>
          ),
        )}
      </div>
      <button type="button" className={style.search} onClick={onSearch}>
        <Search size={14} strokeWidth={1.5} aria-hidden="true" />
        <span>Search or jump</span>
        <kbd>{MAC ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <Local />
    </header>
  )
}

/** Where the runs are, and whether the board is there. */
function Local() {
  const socket = liveSocket()
  const state = useSyncExternalStore(
    (call) => socket.watch(call),
    () => socket.state,
  )
  const { data, error } = useQuery({ ...homeQuestion(), refetchInterval: 15_000 })
  const count = data
    ? data.runs
      ? `${whole(data.runs)} ${data.runs === 1 ? 'run' : 'runs'}`
      : 'no runs yet'
    : ''
  const lost = error instanceof BoardError && error.problem.status === 0
  return (
    <div
      className={style.local}
      data-state={lost ? 'waiting' : state === 'connecting' && !data ? state : 'open'}
      title={data?.home}
    >
      <i />
      <span role="status">{lost ? 'The board does not answer' : count && `Local · ${count}`}</span>
    </div>
  )
}
