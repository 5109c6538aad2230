import { ChevronDown, ChevronRight } from 'lucide-react'
import type { Column } from '../../parts/grid/columns'
import { whole } from '../../parts/numbers'
import type { GroupRow, ListRow } from './groups'
import style from './RunsPage.module.css'

interface Props {
  group: GroupRow
  columns: readonly Column<ListRow>[]
}

/** The head of a group: what its runs share, and the mean and spread of each number below its title. */
export function GroupHead({ group, columns }: Props) {
  const firstMean = Math.max(
    1,
    columns.findIndex((column) => column.align === 'right'),
  )
  const failed = group.runs.filter((run) => run.status === 'failed').length
  const unknown = group.runs.filter((run) => run.unknown_cost > 0).length
  const Icon = group.isOpen ? ChevronDown : ChevronRight
  return (
    <>
      <div
        role="gridcell"
        className={style.groupName}
        style={{ gridColumn: columns.length ? `1 / ${firstMean + 1}` : '1 / -1' }}
        aria-expanded={group.isOpen}
      >
        <Icon size={12} aria-hidden="true" />
        <code>{`${group.key.replace(/^config\./, '')} ${group.value}`}</code>
        <span className="c-3">
          {whole(group.runs.length)} {group.runs.length === 1 ? 'run' : 'runs'}
          {failed > 0 && ` · ${failed} failed`}
          {unknown > 0 && ` · ${unknown} costs incomplete`}
        </span>
        {columns.length > 0 && <span className={style.groupNote}>mean ± std</span>}
      </div>
      {columns.slice(firstMean).map((column) => (
        <div role="gridcell" key={column.key} className={style.groupCell}>
          {column.cell(group)}
        </div>
      ))}
    </>
  )
}
