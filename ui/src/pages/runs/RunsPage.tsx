import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { BoardError } from '../../live/api'
import type { Problem } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { whole } from '../../parts/numbers'
import { Switch } from '../../parts/Switch'
import { Empty, Trouble } from '../../parts/Trouble'
import { usePhone } from '../../parts/useMedia'
import { useRowHeight } from '../../parts/useRowHeight'
import { useTellChosen } from '../chosen'
import { useTitle } from '../shell/crumbs'
import { useNow } from '../useNow'
import { BulkBar } from './BulkBar'
import { cardOf } from './Card'
import { ColumnChoice, GroupChoice } from './Choosers'
import { NOTHING, type Selection, toggled, useWidths } from './choices'
import { type CellWorld, checkColumn, columnOf, FIRST_COLUMNS } from './columns'
import { FilterBox } from './FilterBox'
import { GroupHead } from './GroupHead'
import { grouped, type ListRow, shared } from './groups'
import style from './RunsPage.module.css'
import { askedFilter, DEFAULT_SORT, type RunsSearch } from './search'
import { useListKeys } from './useListKeys'
import { useLatencies, useRunList } from './useRunList'
import { SaveView, Views } from './Views'

const HEIGHTS = { run: 24, group: 32, card: 76 }
const keyOf = (row: ListRow) => (row.kind === 'run' ? row.run.id : `group ${row.value}`)

type Change = (next: Partial<Record<keyof RunsSearch, unknown>>) => void

/** All runs in one list: filtered, sorted, grouped, chosen from, and changing as they go on. */
export function RunsPage() {
  const search = useSearch({ from: '/rlm/runs' })
  const go = useNavigate({ from: '/rlm/runs' })
  useTitle({ name: 'Runs' })
  const change = useCallback<Change>(
    (next) => go({ search: (was) => ({ ...was, ...next }) as RunsSearch, replace: true }),
    [go],
  )
  const shown = useShown(search)
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const { list, order } = shown
  const toggle = useCallback(
    (id: string, range: boolean) => setSelection((was) => toggled(was, id, order, range)),
    [order],
  )
  const clear = useCallback(() => setSelection(NOTHING), [])
  useTellChosen(useMemo(() => [...selection.selected], [selection]))
  const problem = list.error instanceof BoardError ? list.error.problem : null
  const isWrongFilter = problem?.type.endsWith('bad-filter') ?? false
  return (
    <div className={style.page}>
      <h1 className="sr">Runs</h1>
      <Bar search={search} change={change} list={list} problem={isWrongFilter ? problem : null} />
      <Frame
        title="Runs"
        note={said(search)}
        actions={<Choices search={search} change={change} shown={shown} />}
      >
        {list.isPending ? (
          <Loading rows={14} />
        ) : problem && !isWrongFilter && shown.rows.length === 0 ? (
          <Trouble title={problem.title} detail={problem.detail} onRetry={() => list.refetch()} />
        ) : shown.rows.length === 0 ? (
          <Nothing filtered={!!search.filter} onClear={() => change({ filter: undefined })} />
        ) : (
          <List {...{ search, change, shown, toggle, clear }} selected={selection.selected} />
        )}
        {problem && !isWrongFilter && shown.rows.length > 0 && <Stale problem={problem} />}
        <BulkBar runs={list.runs} selection={selection} onClear={clear} />
      </Frame>
    </div>
  )
}

function Stale({ problem }: { problem: Problem }) {
  return (
    <p className="c-slow" role="alert">
      {problem.title}: the list is as it was last known. {problem.detail}
    </p>
  )
}

type Shown = ReturnType<typeof useShown>

/** The runs that fit, as rows and columns. */
function useShown(search: RunsSearch) {
  const list = useRunList(useDeferredValue(askedFilter(search)), search.sort)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const { runs } = list
  const { group, cols, differ } = search
  const rows = useMemo<ListRow[]>(
    () => (group ? grouped(runs, group, closed) : runs.map((run) => ({ kind: 'run', run }))),
    [runs, group, closed],
  )
  const order = useMemo(
    () => rows.flatMap((row) => (row.kind === 'run' ? [row.run.id] : [])),
    [rows],
  )
  const keys = useMemo(
    () => (cols ? cols.split(',').map((key) => key.replace('*', '')) : FIRST_COLUMNS),
    [cols],
  )
  const same = useMemo(
    () => (differ ? shared(runs, comparable(keys, runs)) : new Map<string, string>()),
    [differ, keys, runs],
  )
  const turn = useCallback((value: string) => setClosed((was) => flipped(was, value)), [])
  return { list, rows, order, keys, same, turn }
}

interface BarProps {
  search: RunsSearch
  change: Change
  list: Shown['list']
  problem: Problem | null
}

function Bar({ search, change, list, problem }: BarProps) {
  const filter = useCallback((words: string) => change({ filter: words || undefined }), [change])
  return (
    <div className={style.bar}>
      <FilterBox value={search.filter ?? ''} onChange={filter} problem={problem}>
        {list.count !== null && (
          <span className="num">
            <span className="c-2">{whole(list.count)}</span> of {whole(list.total ?? list.count)}
          </span>
        )}
        <kbd>/</kbd>
        <SaveView search={search} />
      </FilterBox>
      <Views search={search} total={list.total} />
    </div>
  )
}

interface ChoiceProps {
  search: RunsSearch
  change: Change
  shown: Shown
}

function Choices({ search, change, shown }: ChoiceProps) {
  return (
    <>
      <Same same={shown.same} count={shown.list.runs.length} />
      <GroupChoice value={search.group} onChange={(group) => change({ group })} />
      <Switch on={search.differ === true} onChange={(on) => change({ differ: on || undefined })}>
        Only differences
      </Switch>
      <ColumnChoice
        chosen={shown.keys}
        onChange={(cols) => change({ cols: cols.length ? cols.join(',') : undefined })}
      />
    </>
  )
}

interface ListProps extends ChoiceProps {
  selected: ReadonlySet<string>
  toggle: (id: string, range: boolean) => void
  clear: () => void
}

function List({ search, change, shown, selected, toggle, clear }: ListProps) {
  const isPhone = usePhone()
  const row_px = useRowHeight(HEIGHTS.run, HEIGHTS.card)
  const { widths, setWidth } = useWidths()
  const { list, rows, keys, same, turn } = shown
  const latency = useLatencies(list.runs, keys.includes('latency'))
  const world: CellWorld = { now_ms: useNow(), latency, toggle, selected }
  const shownKeys = keys.filter((key) => !same.has(key))
  const columns = [checkColumn(world), ...shownKeys.map((key) => columnOf(key, world))]
  const open = useOpen(turn)
  const current = useListKeys(rows, keyOf, open, { toggle, clear, selected })
  return (
    <Grid
      label={search.group ? `Runs, grouped by ${search.group}` : 'Runs'}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      heightOf={(row) => (row.kind === 'group' ? HEIGHTS.group : row_px)}
      pinned={isPhone ? 0 : pinnedOf(search)}
      sort={search.sort ?? DEFAULT_SORT}
      onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : sort })}
      widths={widths}
      onWidth={setWidth}
      selected={selected}
      current={current}
      onOpen={open}
      whole={(row) => {
        if (row.kind === 'group') return <GroupHead group={row} columns={isPhone ? [] : columns} />
        return isPhone ? cardOf(row.run, world) : null
      }}
      toneOf={toneOf}
      onEnd={useMore(list)}
      total={list.count}
      className={isPhone ? (style.cards ?? '') : ''}
    />
  )
}

function toneOf(row: ListRow): string | undefined {
  if (row.kind === 'group') return style.group
  return row.run.status === 'running' ? style.live : undefined
}

/** The state and the name stay in sight, or all up to the pin. */
function pinnedOf({ cols }: RunsSearch): number {
  const pin = cols?.split(',').findIndex((key) => key.startsWith('*')) ?? -1
  return pin > 0 ? pin + 2 : 2
}

/** A run is opened, a group is turned. */
function useOpen(turn: (value: string) => void) {
  const go = useNavigate()
  return useCallback(
    (row: ListRow) => {
      if (row.kind === 'group') turn(row.value)
      else go({ to: '/rlm/runs/$id', params: { id: row.run.id }, search: {} })
    },
    [go, turn],
  )
}

/** The next page, when the end of this one comes near. */
function useMore({ hasNextPage, isFetchingNextPage, fetchNextPage }: Shown['list']) {
  return useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
}

/** Columns that can be the same in all runs: not those that name a run, time it or count its work. */
function comparable(
  keys: readonly string[],
  runs: ReturnType<typeof useRunList>['runs'],
): string[] {
  const own = [
    'method',
    'model',
    'experiment',
    'user',
    'host',
    'producer',
    'git_sha',
    'end_reason',
    'tags',
  ]
  const configs = new Set(runs.flatMap((run) => Object.keys(run.config)))
  configs.delete('name')
  configs.delete('tags')
  return [...new Set([...keys.filter((key) => own.includes(key)), ...configs])]
}

function Same({ same, count }: { same: Map<string, string>; count: number }) {
  if (same.size === 0) return null
  const said = [...same].filter(([, value]) => value !== 'not set').slice(0, 4)
  return (
    <span
      className={style.same}
      title={[...same].map(([key, value]) => `${key} ${value}`).join('\n')}
    >
      Same in all {whole(count)}
      {said.map(([key, value]) => (
        <span key={key} className="mono ell">
          {key} <span className="c-2">{value}</span>
        </span>
      ))}
    </span>
  )
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <Empty
      title={filtered ? 'No run fits this filter.' : 'No runs yet. Any of these makes the first:'}
    >
      {filtered ? (
        <Button size="small" onClick={onClear}>
          Clear the filter
        </Button>
      ) : (
        <FirstCommands />
      )}
    </Empty>
  )
}

function FirstCommands() {
  return <code>rlmboard run "Where can a reservation leak?" src/ --budget 100</code>
}

function said(search: RunsSearch): string {
  const sort = search.sort ?? DEFAULT_SORT
  if (sort === DEFAULT_SORT) return 'by start, newest first'
  return `by ${sort.replace(/^-/, '').replace(/^config\./, '')}, ${sort.startsWith('-') ? 'highest' : 'lowest'} first`
}

function flipped(was: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(was)
  if (!next.delete(value)) next.add(value)
  return next
}
