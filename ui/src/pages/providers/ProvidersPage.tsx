import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Link2 } from 'lucide-react'
import { useCallback, useState } from 'react'
import { providersQuestion } from '../../live/queries'
import type { ProviderItem } from '../../live/shapes.gen'
import { Button } from '../../parts/Button'
import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { Menu, MenuItem } from '../../parts/Menu'
import { whole } from '../../parts/numbers'
import { Segmented } from '../../parts/Segmented'
import { Empty, Trouble } from '../../parts/Trouble'
import { usePhone } from '../../parts/useMedia'
import { HourByHour } from '../../views/HourByHour'
import { useListKeys } from '../runs/useListKeys'
import { useTitle } from '../shell/crumbs'
import { useNow } from '../useNow'
import { boardColumns } from './columns'
import { OneProvider } from './OneProvider'
import style from './ProvidersPage.module.css'
import { ProviderTotals } from './ProviderTotals'
import type { ProvidersSearch } from './search'

export const WINDOWS = [
  { value: '1h', label: '1 h' },
  { value: '24h', label: '24 h' },
  { value: '7d', label: '7 d' },
  { value: '30d', label: '30 d' },
  { value: 'all', label: 'All' },
] as const

/** Where one provider is open, the board has less room. */
const LEFT_OUT_BESIDE_ONE = new Set(['model', 'runs'])

const keyOf = (row: ProviderItem) => row.provider

type Change = (next: { [K in keyof ProvidersSearch]?: string | undefined }) => void

/** Who answers how fast, how well and for how much. Counts are attempts. */
export function ProvidersPage() {
  useTitle({ name: 'Providers' })
  const search = useSearch({ from: '/rlm/providers' })
  const go = useNavigate({ from: '/rlm/providers' })
  const change = useCallback<Change>(
    (next) => go({ search: (was) => ({ ...was, ...next }) as ProvidersSearch, replace: true }),
    [go],
  )
  const window = WINDOWS.find((one) => one.value === search.window)?.value ?? '24h'
  const { model, venue, sort = 'latency' } = search
  const since = window === 'all' ? undefined : window
  const { data, error, refetch } = useQuery({
    ...providersQuestion({ since, model, venue, sort }),
    refetchInterval: 10_000,
    placeholderData: (before) => before,
  })
  const { models = [], venues = [] } = data ?? {}
  const retry = () => refetch()
  return (
    <div className={style.page} data-chosen={search.sel !== undefined || undefined}>
      <header className={style.header}>
        <h1>Providers</h1>
        <Filters {...{ search, models, venues, window }} onChange={change} />
      </header>
      {data ? (
        <All rows={data.providers} search={search} window={window} change={change} />
      ) : error ? (
        <Trouble title="The leaderboard cannot be shown" detail={error.message} onRetry={retry} />
      ) : (
        <Loading rows={10} />
      )}
    </div>
  )
}

interface AllProps {
  rows: readonly ProviderItem[]
  search: ProvidersSearch
  window: string
  change: Change
}

function All({ rows, search, window, change }: AllProps) {
  const { sel } = search
  const select = useCallback((row: ProviderItem) => change({ sel: row.provider }), [change])
  const close = () => change({ sel: undefined })
  const current = useListKeys(rows, keyOf, select, {
    toggle: () => {},
    clear: close,
    selected: new Set(),
  })
  const board = { rows, search, onChange: change, onOpen: select, current: sel ?? current }
  return (
    <>
      <ProviderTotals rows={rows} window={window} />
      <div className={style.left}>
        <Frame
          title="Leaderboard"
          note={`${whole(rows.length)} ${rows.length === 1 ? 'provider' : 'providers'}`}
          actions="counts are attempts, hedges included"
          className={style.board}
          height_px={rows.length * 32 + 70}
        >
          {rows.length === 0 ? <NoProviders window={window} /> : <Board {...board} />}
        </Frame>
        {rows.length > 0 && (
          <HourByHour rows={rows} selected={sel} onSelect={(name) => change({ sel: name })} />
        )}
      </div>
      {sel !== undefined && (
        <OneProvider
          name={sel}
          since={window === 'all' ? undefined : window}
          search={search}
          onClose={close}
        />
      )}
    </>
  )
}

interface BoardProps {
  rows: readonly ProviderItem[]
  search: ProvidersSearch
  onChange: (next: { sort?: string | undefined }) => void
  onOpen: (row: ProviderItem) => void
  current: string | undefined
}

function Board({ rows, search, onChange, onOpen, current }: BoardProps) {
  const [widths, setWidths] = useState<Record<string, number>>({})
  const now_ms = useNow()
  const isPhone = usePhone()
  const columns = boardColumns(now_ms).filter(
    (column) => search.sel === undefined || !LEFT_OUT_BESIDE_ONE.has(column.key),
  )
  return (
    <Grid
      label="Providers"
      rows={rows}
      columns={
        isPhone
          ? columns.filter((column) => ['provider', 'p50', 'success'].includes(column.key))
          : columns
      }
      rowKey={keyOf}
      rowHeight_px={isPhone ? 44 : 32}
      pinned={isPhone ? 0 : 1}
      sort={search.sort ?? 'latency'}
      onSort={(sort) => onChange({ sort: sort === 'latency' ? undefined : sort })}
      widths={widths}
      onWidth={(key, width_px) => setWidths((was) => ({ ...was, [key]: width_px }))}
      current={current}
      onOpen={onOpen}
    />
  )
}

interface FilterProps {
  search: ProvidersSearch
  models: readonly string[]
  venues: readonly string[]
  window: string
  onChange: (next: { [K in keyof ProvidersSearch]?: string | undefined }) => void
}

function Filters({ search, models, venues, window, onChange }: FilterProps) {
  const [copied, setCopied] = useState(false)
  const known = [...new Set([...venues, ...(search.venue ? [search.venue] : [])])]
  return (
    <div className={style.filters}>
      <Menu
        trigger={
          <Button size="small">
            Model <b>{search.model ?? 'any'}</b>
          </Button>
        }
      >
        <MenuItem onSelect={() => onChange({ model: undefined })}>any</MenuItem>
        {models.map((model) => (
          <MenuItem key={model} onSelect={() => onChange({ model })}>
            <code>{model}</code>
          </MenuItem>
        ))}
      </Menu>
      {known.length > 1 && (
        <Segmented
          label="Venue"
          value={search.venue ?? 'any'}
          options={[
            { value: 'any', label: 'All venues' },
            ...known.map((value) => ({ value, label: value })),
          ]}
          onChange={(venue) => onChange({ venue: venue === 'any' ? undefined : venue })}
        />
      )}
      <Segmented
        label="Window"
        value={window}
        options={WINDOWS}
        onChange={(value) => onChange({ window: value === '24h' ? undefined : value })}
      />
      <Button
        size="small"
        onBlur={() => setCopied(false)}
        onClick={async () => {
          await navigator.clipboard.writeText(location.href)
          setCopied(true)
        }}
      >
        <Link2 aria-hidden="true" />
        {copied ? 'Copied' : 'Copy link'}
      </Button>
    </div>
  )
}

function NoProviders({ window }: { window: string }) {
  return (
    <Empty
      title={
        window === 'all'
          ? 'None has answered yet.'
          : 'None has answered in this time. A longer window may show some; a run makes more:'
      }
    >
      <Command text='$ rlmboard run "Where can a reservation leak?" src/ --provider ollama:llama3' />
    </Empty>
  )
}
