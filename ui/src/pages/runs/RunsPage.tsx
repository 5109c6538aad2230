import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { BoardError } from '../../live/api'
import { Button } from '../../parts/Button'
import { Frame } from '../../parts/Frame'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { whole } from '../../parts/numbers'
import { Switch } from '../../parts/Switch'
import { Empty, Trouble } from '../../parts/Trouble'
import { usePhone } from '../../parts/useMedia'
import { useNow } from '../../parts/useNow'
import { useRowHeight } from '../../parts/useRowHeight'
import { useTitle } from '../shell/crumbs'
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

export function RunsPage() {
  const search = useSearch({ from: '/rlm/runs' })
  const go = useNavigate({ from: '/rlm/runs' })
  useTitle({ name: 'Runs' })
  const change = useCallback(
    (next: Partial<Record<keyof RunsSearch, unknown>>) =>
      go({ search: (was) => ({ ...was, ...next }) as RunsSearch, replace: true }),
    [go],
  )
  const list = useRunList(useDeferredValue(askedFilter(search)), search.sort)
  const [selection, setSelection] = useState<Selection>(NOTHING)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo<ListRow[]>(
    () =>
      search.group
        ? grouped(list.runs, search.group, closed)
        : list.runs.map((run) => ({ kind: 'run', run })),
    [list.runs, search.group, closed],
  )
  const order = useMemo(
    () => rows.flatMap((row) => (row.kind === 'run' ? [row.run.id] : [])),
    [rows],
  )
  const keys = useMemo(
    () => (search.cols ? search.cols.split(',').map((key) => key.replace('*', '')) : FIRST_COLUMNS),
    [search.cols],
  )
  const same = useMemo(
    () =>
      search.differ ? shared(list.runs, comparable(keys, list.runs)) : new Map<string, string>(),
    [search.differ, keys, list.runs],
  )
  const toggle = useCallback(
    (id: string, range: boolean) => setSelection((was) => toggled(was, id, order, range)),
    [order],
  )
  const world: CellWorld = {
    now_ms: useNow(),
    latency: useLatencies(list.runs, keys.includes('latency')),
    toggle,
    selected: selection.selected,
  }
  const open = useCallback(
    (row: ListRow) => {
      if (row.kind === 'run') go({ to: '/rlm/runs/$id', params: { id: row.run.id }, search: {} })
      else setClosed((was) => flipped(was, row.value))
    },
    [go],
  )
  const current = useListKeys(rows, keyOf, open, {
    toggle,
    clear: () => setSelection(NOTHING),
    selected: selection.selected,
  })
  const problem = list.error instanceof BoardError ? list.error.problem : null
  const wrongFilter = problem?.type.endsWith('bad-filter') ? problem : null
  return (
    <div className={style.page}>
      <h1 className="sr">Runs</h1>
      <div className={style.bar}>
        <FilterBox
          value={search.filter ?? ''}
          onChange={useCallback((filter) => change({ filter: filter || undefined }), [change])}
          problem={wrongFilter}
        >
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
      <Frame
        title="Runs"
        note={said(search)}
        actions={
          <>
            <Same same={same} count={list.runs.length} />
            <GroupChoice value={search.group} onChange={(group) => change({ group })} />
            <Switch
              on={search.differ === true}
              onChange={(on) => change({ differ: on || undefined })}
            >
              Only differences
            </Switch>
            <ColumnChoice
              chosen={keys}
              onChange={(cols) => change({ cols: cols.length ? cols.join(',') : undefined })}
            />
          </>
        }
      >
        {list.isPending ? (
          <Loading rows={14} />
        ) : problem && !wrongFilter ? (
          <Trouble title={problem.title} detail={problem.detail} onRetry={() => list.refetch()} />
        ) : rows.length === 0 ? (
          <Nothing filtered={!!search.filter} onClear={() => change({ filter: undefined })} />
        ) : (
          <List
            rows={rows}
            keys={keys.filter((key) => !same.has(key))}
            world={world}
            search={search}
            change={change}
            open={open}
            current={current}
            list={list}
          />
        )}
        <BulkBar
          runs={list.runs}
          selection={selection}
          onClear={() => setSelection(NOTHING)}
          group={search.group}
        />
      </Frame>
    </div>
  )
}

interface ListProps {
  rows: readonly ListRow[]
  keys: readonly string[]
  world: CellWorld
  search: RunsSearch
  change: (next: Partial<Record<keyof RunsSearch, unknown>>) => void
  open: (row: ListRow) => void
  current: string | undefined
  list: ReturnType<typeof useRunList>
}

function List({ rows, keys, world, search, change, open, current, list }: ListProps) {
  const isPhone = usePhone()
  const row_px = useRowHeight(HEIGHTS.run, HEIGHTS.card)
  const { widths, setWidth } = useWidths()
  const columns = [checkColumn(world), ...keys.map((key) => columnOf(key, world))]
  const pins = search.cols?.split(',').findIndex((key) => key.startsWith('*')) ?? -1
  const more = useCallback(() => {
    if (list.hasNextPage && !list.isFetchingNextPage) list.fetchNextPage()
  }, [list.hasNextPage, list.isFetchingNextPage, list.fetchNextPage])
  return (
    <Grid
      label={search.group ? `Runs, grouped by ${search.group}` : 'Runs'}
      rows={rows}
      columns={columns}
      rowKey={keyOf}
      heightOf={(row) => (row.kind === 'group' ? HEIGHTS.group : row_px)}
      pinned={isPhone ? 0 : pins > 0 ? pins + 1 : 2}
      sort={search.sort ?? DEFAULT_SORT}
      onSort={(sort) => change({ sort: sort === DEFAULT_SORT ? undefined : sort })}
      widths={widths}
      onWidth={setWidth}
      selected={world.selected}
      current={current}
      onOpen={open}
      whole={(row) =>
        row.kind === 'group' ? (
          <GroupHead group={row} columns={isPhone ? [] : columns} />
        ) : isPhone ? (
          cardOf(row.run, world)
        ) : null
      }
      toneOf={(row) =>
        row.kind === 'group' ? style.group : row.run.status === 'running' ? style.live : undefined
      }
      onEnd={more}
      total={list.count}
      className={isPhone ? (style.cards ?? '') : ''}
    />
  )
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
