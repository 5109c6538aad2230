import { ChevronDown, ChevronRight } from 'lucide-react'
import type { Column } from '../../parts/grid/columns'
import { whole } from '../../parts/numbers'
import type { GroupRow, ListRow, MoreRow } from './groups'
import style from './RunsPage.module.css'

interface Props {
  row: GroupRow
  columns: readonly Column<ListRow>[]
}

const TOLD = ['running', 'queued', 'failed', 'interrupted', 'cancelled']

/** The head of a group: what its runs share, and the mean and spread of each number below its title. */
export function GroupHead({ row: { by, group, isOpen }, columns }: Props) {
  const firstMean = Math.max(
    1,
    columns.findIndex((column) => column.align === 'right'),
  )
  const Icon = isOpen ? ChevronDown : ChevronRight
  return (
    <>
      <div
        role="gridcell"
        className={style.groupName}
        style={{ gridColumn: columns.length ? `1 / ${firstMean + 1}` : '1 / -1' }}
        aria-expanded={isOpen}
      >
        <Icon size={12} aria-hidden="true" />
        <code className="ell">{`${by.replace(/^config\./, '')} ${group.said ?? 'not set'}`}</code>
        <span className="c-3 ell">
          {whole(group.runs)} {group.runs === 1 ? 'run' : 'runs'}
          {TOLD.map((status) => {
            const runs = group.statuses[status] ?? 0
            return runs > 0 && ` · ${whole(runs)} ${status}`
          })}
        </span>
        {columns.length > 0 && <span className={style.groupNote}>mean ± std</span>}
      </div>
      {columns.slice(firstMean).map((column) => (
        <div
          role="gridcell"
          key={column.key}
          className={`${style.groupCell} ${column.align === 'right' ? '' : style.groupLeft}`}
        >
          {column.cell({ kind: 'group', by, group, isOpen })}
        </div>
      ))}
    </>
  )
}

/** Below the runs of a group that are here: how many more it has. */
export function MoreOfGroup({ row, onMore }: { row: MoreRow; onMore: (row: MoreRow) => void }) {
  return (
    <div role="gridcell" className={style.groupName} style={{ gridColumn: '1 / -1' }}>
      {row.isLoading ? (
        <span className="c-3">Its runs come …</span>
      ) : (
        <button type="button" className="lnk" onClick={() => onMore(row)}>
          Show more: {whole(row.left)} {row.left === 1 ? 'run' : 'runs'} left
        </button>
      )}
    </div>
  )
}
