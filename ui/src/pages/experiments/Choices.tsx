import { Download } from 'lucide-react'
import { address, type Params } from '../../live/api'
import { exported as page } from '../../live/exported'
import type { Comparison } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Menu, MenuItem } from '../../parts/Menu'
import { Switch } from '../../parts/Switch'
import { exported, type Shown } from '../../views/compare/exported'
import { titleOfKey } from '../../views/compare/sayings'
import { ColumnChoice } from '../runs/ColumnChoice'
import { saidColumns } from '../runs/choices'
import style from './Compared.module.css'
import type { ComparisonSearch } from './search'

interface Props {
  made: Comparison
  recorded: Comparison
  /** The columns that are shown, and the runs, in their order. */
  keys: readonly string[]
  first: readonly string[]
  rows: readonly number[]
  ask: Params
  name: string
  search: ComparisonSearch
  /** The runs stand side by side, and are no lines to be coloured and grouped. */
  isBeside?: boolean
  change: (next: { [K in keyof ComparisonSearch]?: ComparisonSearch[K] | undefined }) => void
}

/** What of the comparison is shown, how, and as which file it is taken away. */
export function Choices({
  made,
  recorded,
  keys,
  first,
  rows,
  ask,
  name,
  search,
  isBeside,
  change,
}: Props) {
  return (
    <>
      {!isBeside && (
        <span className={style.key}>
          <i />
          better in its column
        </span>
      )}
      <Switch
        on={search.same !== true}
        onChange={(on) => change({ same: on ? undefined : true, cols: undefined })}
      >
        Only what differs
      </Switch>
      {!isBeside && (
        <GroupBy made={made} value={search.group} onChange={(group) => change({ group })} />
      )}
      <ColumnChoice
        columns={{ keys, pinned: 1 }}
        all={made.columns.filter((column) => column.known > 0).map((column) => column.key)}
        first={first}
        titleOf={titleOfKey}
        onChange={(next) => change({ cols: saidColumns({ ...next, pinned: 1 }, first) })}
      />
      <Export
        shown={{ made, recorded, keys, rows, group: isBeside ? undefined : search.group }}
        ask={ask}
        name={name}
      />
    </>
  )
}

interface GroupByProps {
  made: Comparison
  value: string | undefined
  onChange: (group: string | undefined) => void
}

function GroupBy({ made, value, onChange }: GroupByProps) {
  const options = made.columns.filter(
    (column) => column.distinct > 1 && column.distinct <= 40 && column.from !== 'metric',
  )
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="small">
          Group <span className="mono c-accent">{value ? titleOfKey(value) : 'none'}</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => onChange(undefined)}>none</MenuItem>
      {options.map((column) => (
        <MenuItem key={column.key} onSelect={() => onChange(column.key)}>
          <code>{titleOfKey(column.key)}</code>
        </MenuItem>
      ))}
    </Menu>
  )
}

const KINDS = [
  ['csv', 'CSV, as shown'],
  ['json', 'JSON, as shown'],
  ['md', 'Markdown, as shown'],
  ['tex', 'LaTeX, as shown'],
] as const

interface ExportProps extends Pick<Props, 'ask' | 'name'> {
  shown: Shown
}

function Export({ shown, ask, name }: ExportProps) {
  const save = (kind: (typeof KINDS)[number][0]) => {
    const link = document.createElement('a')
    const file = new Blob([exported(shown, kind)], { type: 'text/plain' })
    link.href = URL.createObjectURL(file)
    link.download = `${name}.${kind}`
    link.click()
    URL.revokeObjectURL(link.href)
  }
  return (
    <Menu
      trigger={
        <Button size="small">
          <Download aria-hidden="true" />
          Export
        </Button>
      }
    >
      {KINDS.map(([kind, words]) => (
        <MenuItem key={kind} onSelect={() => save(kind)}>
          {words}
        </MenuItem>
      ))}
      {!page && (
        <MenuItem onSelect={() => open(address('export', { ...ask, format: 'csv' }))}>
          CSV, every column
        </MenuItem>
      )}
    </Menu>
  )
}
