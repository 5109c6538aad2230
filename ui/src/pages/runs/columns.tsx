import type { ReactNode } from 'react'
import type { Latency, RunItem, Spread } from '../../live/shapes.gen'
import type { Column } from '../../parts/grid/columns'
import { type Currency, costOf } from '../../parts/money'
import { steady } from '../../parts/numbers'
import { usePreferences } from '../../parts/preferences'
import { Count, Dollars, Duration, MoneyIn, Sats, Tokens } from '../../parts/Quantity'
import { inFull, when } from '../../parts/times'
import { LatencySpark } from '../../views/LatencySpark'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import { Name, None, Said, SubQueries, Tags } from './cells'
import type { ListRow } from './groups'
import style from './RunsPage.module.css'

/** What cells need beside the run. */
export interface CellWorld {
  now_ms: number
  latency: (id: string) => Latency | undefined
  toggle: (id: string, range: boolean) => void
  /** All that are here, or none where some are. */
  toggleAll: () => void
  selected: ReadonlySet<string>
  isAll: boolean
}

interface Kind {
  title: string
  width_px: number
  grows?: boolean
  align?: 'right'
  sort?: string
  first?: 'up' | 'down'
  run: (run: RunItem, world: CellWorld) => ReactNode
  /** How its mean and spread are said at the head of a group; nothing: it is no number. */
  said?: (value: number) => ReactNode
}

/** The columns that every run has. */
export const KINDS: Record<string, Kind> = {
  name: { title: 'Name', width_px: 196, sort: 'name', run: (run) => <Name run={run} /> },
  query: {
    title: 'Query',
    width_px: 128,
    grows: true,
    run: (run) => (
      <span className="ell" title={run.query}>
        {run.query}
      </span>
    ),
  },
  method: {
    title: 'Method',
    width_px: 66,
    sort: 'method',
    run: (run) => <Said value={run.config.method} />,
  },
  model: {
    title: 'Model',
    width_px: 84,
    sort: 'model',
    run: (run) => <Said value={run.config.model} />,
  },
  experiment: {
    title: 'Experiment',
    width_px: 94,
    sort: 'experiment',
    run: (run) => <Said value={run.experiment} plain />,
  },
  sub_queries: {
    title: 'Sub-queries',
    width_px: 134,
    align: 'right',
    sort: 'sub_queries',
    first: 'down',
    run: (run) => <SubQueries run={run} />,
    said: (value) => <Count value={Math.round(value)} />,
  },
  cost: {
    title: 'Sats',
    width_px: 72,
    align: 'right',
    sort: 'cost',
    first: 'down',
    run: (run) => <MoneyIn currency="sats" cost={costOf(run)} unknown={run.unknown_cost} bare />,
    said: (value) => <Sats value={value} bare />,
  },
  cost_usd: {
    title: 'USD',
    width_px: 76,
    align: 'right',
    sort: 'cost_usd',
    first: 'down',
    run: (run) => <MoneyIn currency="dollars" cost={costOf(run)} unknown={run.unknown_cost} />,
    said: (value) => <Dollars value={value} />,
  },
  tokens: {
    title: 'Tokens',
    width_px: 76,
    align: 'right',
    sort: 'tokens',
    first: 'down',
    run: (run) => <Tokens value={run.tokens_used} unknown={run.unknown_usage} />,
    said: (value) => <Tokens value={value} />,
  },
  duration: {
    title: 'Took',
    width_px: 64,
    align: 'right',
    sort: 'duration',
    first: 'down',
    run: (run) => <Duration ms={run.duration_ms} />,
    said: (value) => <Duration ms={value} />,
  },
  latency: {
    title: 'Latency p50',
    width_px: 126,
    align: 'right',
    run: (run, world) => <LatencySpark latency={world.latency(run.id)} />,
  },
  created_at: {
    title: 'Started',
    width_px: 84,
    align: 'right',
    sort: 'created_at',
    first: 'down',
    run: (run, world) => (
      <time dateTime={run.created_at} title={inFull(run.created_at_ms)}>
        {run.status === 'running' ? 'now' : when(run.created_at_ms, world.now_ms)}
      </time>
    ),
  },
  tags: {
    title: 'Tags',
    width_px: 150,
    run: (run) => <Tags tags={run.simulated ? [...run.tags, 'simulated'] : run.tags} />,
  },
  user: {
    title: 'User',
    width_px: 84,
    sort: 'user',
    run: (run) => <Said value={run.user} plain />,
  },
  host: {
    title: 'Host',
    width_px: 96,
    sort: 'host',
    run: (run) => <Said value={run.host} plain />,
  },
  producer: {
    title: 'Producer',
    width_px: 88,
    sort: 'producer',
    run: (run) => <Said value={run.producer} plain />,
  },
  git_sha: {
    title: 'Git',
    width_px: 82,
    sort: 'git_sha',
    run: (run) => (
      <Said value={run.git_sha && run.git_sha.slice(0, 7) + (run.git_dirty ? '*' : '')} />
    ),
  },
  citations: {
    title: 'Citations',
    width_px: 84,
    align: 'right',
    sort: 'citations',
    first: 'down',
    run: (run) =>
      run.citations === null ? <None /> : <span className="num">{run.citations}</span>,
    said: (value) => steady(value),
  },
  attempts: {
    title: 'Attempts',
    width_px: 78,
    align: 'right',
    sort: 'attempts',
    first: 'down',
    run: (run) => <Count value={run.attempts} />,
    said: (value) => <Count value={Math.round(value)} />,
  },
  end_reason: {
    title: 'Ended by',
    width_px: 96,
    sort: 'end_reason',
    run: (run) => <Said value={run.error_type ?? run.end_reason} plain />,
  },
}

/** The columns at first: of the two of cost, that of the currency that comes first. */
export const FIRST_COLUMNS: Record<Currency, readonly string[]> = {
  sats: first('cost', 'cost_usd'),
  dollars: first('cost_usd', 'cost'),
}

function first(...costs: readonly string[]): readonly string[] {
  return [
    'name',
    'query',
    'method',
    'experiment',
    'sub_queries',
    ...costs,
    'tokens',
    'latency',
    'duration',
    'created_at',
    'tags',
  ]
}

export const useFirstColumns = (): readonly string[] =>
  FIRST_COLUMNS[usePreferences((preferences) => preferences.currency)]

/** A column by its key: one that every run has, a config key or a metric. */
function kindOf(key: string): Kind {
  const known = KINDS[key]
  if (known) return known
  if (key.startsWith('metric.')) return metricKind(key.slice('metric.'.length))
  const name = key.replace(/^config\./, '')
  return {
    title: name,
    width_px: 96,
    sort: `config.${name}`,
    run: (run) => <Said value={run.config[name]} />,
    align: 'right',
  }
}

function metricKind(name: string): Kind {
  const say = (value: number) => (
    <span className="num c-1" title={String(value)}>
      {steady(value)}
    </span>
  )
  return {
    title: name,
    width_px: 84,
    align: 'right',
    sort: name,
    first: 'down',
    said: say,
    run: (run) => {
      const value = run.metrics[name] ?? null
      return value === null ? <None /> : say(value)
    },
  }
}

export const titleOfColumn = (key: string): string => kindOf(key).title

export function columnOf(key: string, world: CellWorld): Column<ListRow> {
  const { run, said, ...shape } = kindOf(key)
  return {
    key,
    ...shape,
    cell: (row) => {
      if (row.kind === 'run') return run(row.run, world)
      const spread = row.kind === 'group' && said ? row.group.cells[key] : undefined
      return spread && said ? <GroupMean spread={spread} said={said} /> : null
    },
  }
}

/** Of these columns, those whose means stand at the head of a group. */
export const measuresOf = (keys: readonly string[]): string[] =>
  keys.filter((key) => kindOf(key).said !== undefined)

export function checkColumn(world: CellWorld): Column<ListRow> {
  const isSome = world.selected.size > 0
  return {
    key: 'state',
    title: '',
    head: (
      <input
        type="checkbox"
        className={style.check}
        aria-label={isSome ? 'Select none' : 'Select all that are shown'}
        checked={isSome}
        ref={(box) => {
          if (box) box.indeterminate = isSome && !world.isAll
        }}
        onChange={world.toggleAll}
      />
    ),
    width_px: 56,
    cell: (row) =>
      row.kind === 'run' ? (
        <>
          <input
            type="checkbox"
            className={style.check}
            aria-label={`Select ${titleOf(row.run)}`}
            checked={world.selected.has(row.run.id)}
            onClick={(event) => world.toggle(row.run.id, event.shiftKey)}
            readOnly
          />
          <StatusGlyph status={row.run.status} presumed={row.run.presumed} />
        </>
      ) : null,
  }
}

function GroupMean({ spread, said }: { spread: Spread; said: (value: number) => ReactNode }) {
  const { n, mean, std, unknown, converted } = spread
  const parts = [
    `mean ± sample deviation (n − 1) of ${n} ${n === 1 ? 'run' : 'runs'}`,
    unknown > 0 && `${unknown} unknown, left out`,
    converted > 0 && `${converted} converted by the recorded rate`,
  ]
  return (
    <span className={style.mean} title={parts.filter(Boolean).join('; ')}>
      {converted > 0 && '≈ '}
      {said(mean)}
      {std !== null ? <small>± {said(std)}</small> : unknown > 0 && <small>of {n} known</small>}
    </span>
  )
}
