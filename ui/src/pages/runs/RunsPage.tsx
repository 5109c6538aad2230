import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { BoardError } from '../../live/api'
import { facetsQuestion } from '../../live/queries'
import type { Problem, RunItem } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { type Rate, rateSaid } from '../../parts/money'
import { whole } from '../../parts/numbers'
import { useRate } from '../../parts/preferences'
import { Switch } from '../../parts/Switch'
import { Empty, Trouble } from '../../parts/Trouble'
import { usePhone } from '../../parts/useMedia'
import { useRowHeight } from '../../parts/useRowHeight'
import { useTellChosen } from '../chosen'
import { useTitle } from '../shell/crumbs'
import { useNow } from '../useNow'
import { absentMoney } from './absentMoney'
import { BulkBar } from './BulkBar'
import { cardOf } from './Card'
import { GroupChoice, RunColumnChoice } from './Choosers'
import { columnsOf, NOTHING, type Selection, saidColumns, toggled, useWidths } from './choices'
import { type CellWorld, checkColumn, columnOf, measuresOf, useFirstColumns } from './columns'
import { FilterBox } from './FilterBox'
import { unknownKeys } from './filterWords'
import { GroupHead, MoreOfGroup } from './GroupHead'
import { type GroupValue, groupRows, keyOfValue, type ListRow, shared } from './groups'
import style from './RunsPage.module.css'
import { askedFilter, DEFAULT_SORT, type RunsSearch } from './search'
import { useGroups } from './useGroups'
import { useListKeys } from './useListKeys'
import { useLatencies, useRunList } from './useRunList'
import { SaveView, Views } from './Views'

const HEIGHTS = { run: 24, group: 32, card: 76 }
const CLOSED: readonly GroupValue[] = []

function keyOf(row: ListRow): string {
  if (row.kind === 'run') return row.run.id
  return row.kind === 'group'
    ? `group ${keyOfValue(row.group.value)}`
    : `more ${keyOfValue(row.value)}`
}

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
  const { rate } = useRate()
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const { list, groups, order } = shown
  const asked = search.group ? groups : list
  const toggle = useCallback(
    (id: string, range: boolean) => setSelection((was) => toggled(was, id, order, range)),
    [order],
  )
  const takeAll = useCallback(
    (ids: readonly string[]) => setSelection({ selected: new Set(ids), anchor: null }),
    [],
  )
  const clear = useCallback(() => setSelection(NOTHING), [])
  useTellChosen(useMemo(() => [...selection.selected], [selection]))
  const error = asked.error ?? list.error
  const problem = error instanceof BoardError ? error.problem : null
  const isWrongFilter = problem?.type.endsWith('bad-filter') ?? false
  return (
    <div className={style.page}>
      <h1 className="sr">Runs</h1>
      <Bar search={search} change={change} list={list} problem={isWrongFilter ? problem : null} />
      <Frame
        title="Runs"
        note={said(search, shown, rate)}
        actions={<Choices search={search} change={change} shown={shown} />}
      >
        {asked.isPending && !problem ? (
          <Loading rows={14} />
        ) : problem && !isWrongFilter && shown.rows.length === 0 ? (
          <Trouble title={problem.title} detail={problem.detail} onRetry={() => asked.refetch()} />
        ) : shown.rows.length === 0 ? (
          <Nothing filter={search.filter} onClear={() => change({ filter: undefined })} />
        ) : (
          <List
            {...{ search, change, shown, toggle, takeAll, clear }}
            selected={selection.selected}
          />
        )}
        {problem && !isWrongFilter && shown.rows.length > 0 && <Stale problem={problem} />}
        <BulkBar runs={shown.runs} selection={selection} onClear={clear} />
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
  const { group, sort, cols, differ, open = CLOSED } = search
  const filter = useDeferredValue(askedFilter(search))
  const list = useRunList(filter, sort)
  const first = useFirstColumns()
  const columns = useMemo(() => columnsOf(cols, first), [cols, first])
  const { keys } = columns
  const measures = useMemo(() => measuresOf(keys), [keys])
  const groups = useGroups({ filter, sort, by: group, measures, open })
  const rows = useMemo<ListRow[]>(
    () =>
      group
        ? groupRows(group, groups.groups, groups.members)
        : list.runs.map((run) => ({ kind: 'run', run })),
    [list.runs, group, groups.groups, groups.members],
  )
  const runs = useMemo(
    () => (group ? rows.flatMap((row) => (row.kind === 'run' ? [row.run] : [])) : list.runs),
    [group, rows, list.runs],
  )
  const order = useMemo(
    () => rows.flatMap((row) => (row.kind === 'run' ? [row.run.id] : [])),
    [rows],
  )
  const same = useMemo(
    () => (differ ? shared(runs, comparable(keys, runs)) : new Map<string, string>()),
    [differ, keys, runs],
  )
  const { rate } = useRate()
  // A person's own choice stands; groups that are closed may have what their shown runs have not.
  const isOurs = !cols && !group
  const absent = useMemo(() => {
    const found = absentMoney(isOurs ? keys : [], runs, rate)
    found.delete(sortedBy(sort))
    return found
  }, [isOurs, keys, sort, runs, rate])
  return { list, groups, runs, rows, order, columns, first, same, absent }
}

const sortedBy = (sort = DEFAULT_SORT): string => sort.replace(/^-/, '')

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
      <Same same={shown.same} count={shown.runs.length} />
      <GroupChoice value={search.group} onChange={(group) => change({ group, open: undefined })} />
      <Switch on={search.differ === true} onChange={(on) => change({ differ: on || undefined })}>
        Only differences
      </Switch>
      <RunColumnChoice
        columns={shown.columns}
        onChange={(next) => change({ cols: saidColumns(next, shown.first) })}
      />
    </>
  )
}

interface ListProps extends ChoiceProps {
  selected: ReadonlySet<string>
  toggle: (id: string, range: boolean) => void
  takeAll: (ids: readonly string[]) => void
  clear: () => void
}

function List({ search, change, shown, selected, toggle, takeAll, clear }: ListProps) {
  const isPhone = usePhone()
  const row_px = useRowHeight(HEIGHTS.run, HEIGHTS.card)
  const { widths, setWidth } = useWidths()
  const { list, groups, runs, rows, order, same, absent } = shown
  const { keys, pinned } = shown.columns
  const latency = useLatencies(runs, keys.includes('latency'))
  const world: CellWorld = {
    now_ms: useNow(),
    latency,
    toggle,
    toggleAll: () => (selected.size > 0 ? clear() : takeAll(order)),
    selected,
    isAll: selected.size >= order.length,
  }
  const shownKeys = keys.filter((key) => !same.has(key) && !absent.has(key))
  const columns = [checkColumn(world), ...shownKeys.map((key) => columnOf(key, world))]
  const open = useOpen(search, change, groups.more)
  const isHere = useMemo(() => new Set(order), [order])
  const current = useListKeys(rows, keyOf, open, {
    toggle: (key, range) => isHere.has(key) && toggle(key, range),
    clear,
    selected,
  })
  return (
    <Grid
      label={search.group ? `Runs, grouped by ${search.group}` : 'Runs'}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      heightOf={(row) => (row.kind === 'run' ? row_px : HEIGHTS.group)}
      pinned={isPhone ? 0 : 1 + keys.slice(0, pinned).filter((key) => !same.has(key)).length}
      sort={search.sort ?? DEFAULT_SORT}
      onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : sort })}
      widths={widths}
      onWidth={setWidth}
      selected={selected}
      current={current}
      onOpen={open}
      whole={(row) => {
        if (row.kind === 'group') return <GroupHead row={row} columns={isPhone ? [] : columns} />
        if (row.kind === 'more') return <MoreOfGroup row={row} onMore={open} />
        return isPhone ? cardOf(row.run, world) : null
      }}
      toneOf={toneOf}
      onEnd={useMore(search.group ? groups : list)}
      total={search.group ? null : list.count}
      className={isPhone ? (style.cards ?? '') : ''}
    />
  )
}

function toneOf(row: ListRow): string | undefined {
  if (row.kind !== 'run') return style.group
  return row.run.status === 'running' ? style.live : undefined
}

/** A run is opened, a group is turned, more of one are asked for. */
function useOpen({ open = CLOSED }: RunsSearch, change: Change, more: (value: GroupValue) => void) {
  const go = useNavigate()
  return useCallback(
    (row: ListRow) => {
      if (row.kind === 'run') go({ to: '/rlm/runs/$id', params: { id: row.run.id }, search: {} })
      else if (row.kind === 'more') more(row.value)
      else change({ open: turned(open, row.group.value) })
    },
    [go, change, more, open],
  )
}

/** The values of the groups that are open, with this one turned; nothing for none. */
function turned(open: readonly GroupValue[], value: GroupValue): GroupValue[] | undefined {
  const others = open.filter((one) => one !== value)
  const next = others.length < open.length ? others : [...open, value]
  return next.length > 0 ? next : undefined
}

type Paged = Pick<Shown['list'], 'hasNextPage' | 'isFetchingNextPage'> & {
  fetchNextPage: () => unknown
}

/** The next page, when the end of this one comes near. */
function useMore({ hasNextPage, isFetchingNextPage, fetchNextPage }: Paged) {
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
      <span>
        Same in all {whole(count)}
        <span className={style.sameMany}>: {said.map(([key]) => key).join(', ')}</span>
      </span>
      {said.map(([key, value]) => (
        <span key={key} className={`mono ell ${style.sameValue}`}>
          {key} <span className="c-2">{value}</span>
        </span>
      ))}
    </span>
  )
}

interface NothingProps {
  filter: string | undefined
  onClear: () => void
}

function Nothing({ filter, onClear }: NothingProps) {
  const { data } = useQuery({ ...facetsQuestion(), enabled: !!filter, staleTime: 60_000 })
  const unknown = filter && data ? unknownKeys(filter, data) : []
  return (
    <Empty
      title={filter ? 'No run fits this filter.' : 'No runs yet. Any of these makes the first:'}
    >
      {unknown.map(({ key, meant }) => (
        <p key={key} className="c-2">
          No run has a setting or metric <code>{key}</code>
          {meant && (
            <>
              ; did you mean <code>{meant}</code>?
            </>
          )}
        </p>
      ))}
      {filter ? (
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

function said(search: RunsSearch, { runs, groups }: Shown, rate: Rate | null): string {
  const sort = search.sort ?? DEFAULT_SORT
  const order = orderSaid(sort, runs, rate)
  if (!search.group || groups.count === null) return order
  const many = `${whole(groups.count)} ${groups.count === 1 ? 'group' : 'groups'}`
  const isApart = groups.order === 'newest' && sort !== DEFAULT_SORT && sort !== 'created_at'
  if (isApart) return `${many}, newest first; in them ${order}`
  return groups.order === 'mean' ? `${many}, by the mean; in them ${order}` : `${many}, ${order}`
}

function orderSaid(sort: string, runs: readonly RunItem[], rate: Rate | null): string {
  if (sort === DEFAULT_SORT) return 'by start, newest first'
  const key = sort.replace(/^-/, '').replace(/^config\./, '')
  const way = `${sort.startsWith('-') ? 'highest' : 'lowest'} first`
  if (key !== 'cost' && key !== 'cost_usd') return `by ${key}, ${way}`
  const [own, other] = key === 'cost' ? ['sats', 'dollars'] : ['dollars', 'sats']
  const isMixed = runs.some((run) => (key === 'cost' ? run.apart_usd_nanos : run.apart_msat) > 0)
  const mixed = rate ? `, ${other} at ${rateSaid(rate)}` : `, what is in ${other} alone last`
  return `by cost in ${own}, ${way}${isMixed ? mixed : ''}`
}
