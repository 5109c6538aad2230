import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { type Dispatch, type SetStateAction, useCallback, useMemo, useState } from 'react'
import { address, type Params } from '../../live/api'
import { exported as page } from '../../live/exported'
import { comparisonQuestion } from '../../live/queries'
import type { Comparison } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { Menu, MenuItem } from '../../parts/Menu'
import { whole } from '../../parts/numbers'
import { Switch } from '../../parts/Switch'
import { Empty, Trouble } from '../../parts/Trouble'
import { exported } from '../../views/compare/exported'
import { Parallel } from '../../views/compare/Parallel'
import { Scatter } from '../../views/compare/Scatter'
import { titleOfKey } from '../../views/compare/sayings'
import { type CompareLine, directionOf, linesOf, sortedRows } from '../../views/compare/table'
import type { ComparisonSearch } from '../router'
import { useListKeys } from '../runs/useListKeys'
import style from './Compared.module.css'
import { compareColumns } from './columns'

interface Props {
  ask: Params
  search: ComparisonSearch
  base: string | null
  name: string
}

const keyOf = (line: CompareLine) => (line.kind === 'run' ? line.run.id : `group ${line.value}`)

/** Runs as a table of what differs, with its scatter and its lines; each brushes the others. */
export function Compared({ ask, search, base, name }: Props) {
  const { data, error, refetch } = useQuery({
    ...comparisonQuestion({ ...ask, group: search.group }),
    refetchInterval: 15_000,
    placeholderData: (before) => before,
  })
  if (error && !data)
    return (
      <Trouble
        title="The runs cannot be compared"
        detail={error.message}
        onRetry={() => refetch()}
      />
    )
  if (!data) return <Loading rows={12} />
  if (data.runs.length === 0) return <Empty title="No run fits." />
  return <Whole made={data} ask={ask} search={search} base={base} name={name} />
}

type Change = { [K in keyof ComparisonSearch]?: ComparisonSearch[K] | undefined }

interface WholeProps extends Props {
  made: Comparison
}

interface PartProps extends WholeProps {
  change: (next: Change) => void
  brushed: ReadonlySet<number> | null
}

function Whole(props: WholeProps) {
  const { made, search } = props
  const go = useNavigate()
  const change = useCallback(
    (next: Change) =>
      go({ to: '.', search: (was: object) => ({ ...was, ...next }) as never, replace: true }),
    [go],
  )
  const [brushed, setBrushed] = useState<ReadonlySet<number> | null>(null)
  const keys = useMemo(() => shownKeys(made, search.same === true), [made, search.same])
  const part = { ...props, change, brushed }
  return (
    <>
      <Frame
        title="Comparison"
        className={style.table}
        height_px={Math.min(560, (made.runs.length + made.groups.length) * 24 + 100)}
        note={noteOf(made, keys, brushed)}
        actions={<Choices {...part} keys={keys} />}
      >
        <Table {...part} keys={keys} />
      </Frame>
      <Charts {...part} onBrush={setBrushed} />
    </>
  )
}

function noteOf(made: Comparison, keys: readonly string[], brushed: PartProps['brushed']): string {
  const hidden = made.columns.length - keys.length
  const parts = [
    `${whole(made.runs.length)}${made.cut ? ` of ${whole(made.count)}` : ''} runs`,
    brushed ? `${brushed.size} brushed` : null,
    hidden > 0 ? `${hidden} equal columns hidden` : null,
  ]
  return parts.filter(Boolean).join(' · ')
}

function Choices({ made, ask, search, name, keys, change }: PartProps & { keys: string[] }) {
  return (
    <>
      <span className={style.key}>
        <i />
        better in its column
      </span>
      <Switch on={search.same !== true} onChange={(on) => change({ same: on ? undefined : true })}>
        Only what differs
      </Switch>
      <GroupBy made={made} value={search.group} onChange={(group) => change({ group })} />
      <Export made={made} keys={keys} ask={ask} name={name} />
    </>
  )
}

function Table({ made, search, base, keys, change, brushed }: PartProps & { keys: string[] }) {
  const { sort, group } = search
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [widths, setWidths] = useState<Record<string, number>>({})
  const lines = useMemo(
    () => linesOf(made, sortedRows(made, sort, base), group, closed, base),
    [made, sort, group, closed, base],
  )
  const open = useOpen(setClosed)
  const current = useListKeys(lines, keyOf, open)
  const selected = useMemo(
    () => new Set([...(brushed ?? [])].map((row) => made.runs[row]?.id ?? '')),
    [brushed, made],
  )
  const columns = useMemo(
    () => compareColumns(made, keys, base, (id) => change({ base: id }), group),
    [made, keys, base, change, group],
  )
  return (
    <Grid
      label={`Comparison of ${made.runs.length} runs`}
      rows={lines}
      columns={columns}
      rowKey={keyOf}
      rowHeight_px={24}
      pinned={1}
      sort={sort}
      onSort={(next) => change({ sort: next })}
      widths={widths}
      onWidth={(key, width_px) => setWidths((was) => ({ ...was, [key]: width_px }))}
      selected={selected}
      current={current}
      onOpen={open}
      toneOf={(line) => toneOf(line, base)}
    />
  )
}

function toneOf(line: CompareLine, base: string | null): string | undefined {
  if (line.kind === 'group') return style.group
  return line.run.id === base ? style.base : undefined
}

/** A run is opened, a group is turned. */
function useOpen(setClosed: Dispatch<SetStateAction<ReadonlySet<string>>>) {
  const go = useNavigate()
  return useCallback(
    (line: CompareLine) => {
      if (line.kind === 'run') go({ to: '/rlm/runs/$id', params: { id: line.run.id } })
      else setClosed((was) => flipped(was, line.value))
    },
    [go, setClosed],
  )
}

function flipped(was: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(was)
  if (!next.delete(value)) next.add(value)
  return next
}

interface ChartProps extends PartProps {
  onBrush: (rows: ReadonlySet<number> | null) => void
}

function Charts({ made, search, change, brushed, onBrush }: ChartProps) {
  const numeric = useMemo(() => numericKeys(made), [made])
  const axes = useMemo(() => parallelKeys(made), [made])
  const [xKey, yKey] = chosenAxes(made, numeric, search)
  const shapeOf = useCallback((row: number) => Math.max(0, groupAt(made, row)), [made])
  if (numeric.length < 2) return null
  return (
    <div className={style.charts}>
      <Scatter {...{ made, xKey, yKey, numeric, shapeOf, brushed, onBrush }} onAxes={change} />
      <Parallel made={made} keys={axes} brushed={brushed} onBrush={onBrush} />
    </div>
  )
}

const groupAt = (made: Comparison, row: number): number =>
  made.groups.findIndex((group) => group.runs.includes(row))

const numericKeys = (made: Comparison): string[] =>
  made.columns
    .filter((column) => column.kind === 'number' && column.known > 0)
    .map((column) => column.key)

/** Settings, then metrics, then what it took; without what is the same in all, where that is asked. */
function shownKeys(made: Comparison, withSame: boolean): string[] {
  const order = { config: 0, metric: 1, run: 2 }
  return made.columns
    .filter(
      (column) =>
        column.known > 0 && (withSame || column.distinct > 1 || column.known < made.runs.length),
    )
    .toSorted((a, b) => order[a.from] - order[b.from])
    .map((column) => column.key)
}

/** Numbers that differ: settings first, then what counts as better or worse. */
function parallelKeys(made: Comparison): string[] {
  const differing = made.columns.filter((column) => column.kind === 'number' && column.distinct > 1)
  const judged = differing.filter((column) => directionOf(column) !== null)
  const settings = differing.filter((column) => column.from === 'config')
  return [
    ...settings.slice(0, 3),
    ...judged
      .toSorted((a, b) => Number(b.from === 'metric') - Number(a.from === 'metric'))
      .slice(0, 4),
  ].map((column) => column.key)
}

/** What the address says, else a score against the cost. */
function chosenAxes(
  made: Comparison,
  numeric: readonly string[],
  search: ComparisonSearch,
): [string, string] {
  const cost = numeric.find((key) => /^cost/.test(key)) ?? numeric[0] ?? ''
  const score = made.columns.find(
    (column) => column.from === 'metric' && column.kind === 'number',
  )?.key
  const other =
    score ??
    numeric.find((key) => /duration|returned|citations/.test(key) && key !== cost) ??
    numeric[1] ??
    ''
  const known = (key: string | undefined, instead: string) =>
    key !== undefined && numeric.includes(key) ? key : instead
  return [known(search.x, cost), known(search.y, other)]
}

function GroupBy({
  made,
  value,
  onChange,
}: {
  made: Comparison
  value: string | undefined
  onChange: (group: string | undefined) => void
}) {
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

function Export({
  made,
  keys,
  ask,
  name,
}: {
  made: Comparison
  keys: readonly string[]
  ask: Params
  name: string
}) {
  const save = (kind: 'csv' | 'json' | 'md' | 'tex') => {
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([exported(made, keys, kind)], { type: 'text/plain' }))
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
      <MenuItem onSelect={() => save('csv')}>CSV, as shown</MenuItem>
      <MenuItem onSelect={() => save('json')}>JSON, as shown</MenuItem>
      <MenuItem onSelect={() => save('md')}>Markdown, as shown</MenuItem>
      <MenuItem onSelect={() => save('tex')}>LaTeX, as shown</MenuItem>
      {!page && (
        <MenuItem onSelect={() => open(address('export', { ...ask, format: 'csv' }))}>
          CSV, every column
        </MenuItem>
      )}
    </Menu>
  )
}
