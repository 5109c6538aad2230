import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useCallback } from 'react'
import { experimentsQuestion } from '../../live/queries'
import type { ExperimentItem } from '../../live/shapes.gen'
import { Command } from '../../parts/Command'
import { Frame } from '../../parts/Frame'
import type { Column } from '../../parts/grid/columns'
import { Grid } from '../../parts/grid/Grid'
import { Loading } from '../../parts/Loading'
import { steady, whole } from '../../parts/numbers'
import { SparkLine } from '../../parts/Spark'
import { Empty, Trouble } from '../../parts/Trouble'
import { ago, inFull } from '../../parts/times'
import { usePhone } from '../../parts/useMedia'
import { useListKeys } from '../runs/useListKeys'
import { useTitle } from '../shell/crumbs'
import { useNow } from '../useNow'
import style from './Experiments.module.css'

const keyOf = (row: ExperimentItem) => row.slug

/** All experiments, the latest first. */
export function ExperimentsPage() {
  useTitle({ name: 'Experiments' })
  const go = useNavigate()
  const now_ms = useNow()
  const isPhone = usePhone()
  const { data, error, refetch } = useQuery({ ...experimentsQuestion(), refetchInterval: 10_000 })
  const open = useCallback(
    (row: ExperimentItem) => go({ to: '/rlm/experiments/$name', params: { name: row.name } }),
    [go],
  )
  const current = useListKeys(data ?? [], keyOf, open)
  const columns = columnsOf(now_ms)
  return (
    <div className={style.page}>
      <h1 className="sr">Experiments</h1>
      <Frame
        title="Experiments"
        note="runs that share a name, to be compared"
        className={style.fill}
      >
        {error && !data ? (
          <Trouble
            title="The experiments cannot be listed"
            detail={error.message}
            onRetry={() => refetch()}
          />
        ) : !data ? (
          <Loading rows={8} />
        ) : data.length === 0 ? (
          <Empty title="No experiments yet. Runs that are given the same name are compared:">
            <Command
              text={
                '$ rlmboard run "Where can a reservation leak?" src/ --experiment first --seed 1\n$ rlmboard run "Where can a reservation leak?" src/ --experiment first --seed 2 --chunk-size 2000'
              }
            />
          </Empty>
        ) : (
          <Grid
            label="Experiments"
            rows={data}
            columns={
              isPhone
                ? columns.filter((column) => ['name', 'runs', 'best'].includes(column.key))
                : columns
            }
            rowKey={keyOf}
            rowHeight_px={isPhone ? 44 : 32}
            current={current}
            onOpen={open}
          />
        )}
      </Frame>
    </div>
  )
}

const columnsOf = (now_ms: number): Column<ExperimentItem>[] => [
  ...WHAT,
  ...HOW,
  {
    key: 'last',
    title: 'Last run',
    width_px: 96,
    align: 'right',
    cell: (row) =>
      row.last_run_at_ms === null ? (
        ''
      ) : (
        <time title={inFull(row.last_run_at_ms)}>{ago(row.last_run_at_ms, now_ms)}</time>
      ),
  },
]

const WHAT: readonly Column<ExperimentItem>[] = [
  {
    key: 'name',
    title: 'Name',
    width_px: 160,
    grows: true,
    cell: (row) => <code className="ell c-1">{row.name}</code>,
  },
  {
    key: 'about',
    title: 'About',
    width_px: 200,
    grows: true,
    cell: (row) => <span className="ell">{row.description ?? ''}</span>,
  },
  {
    key: 'runs',
    title: 'Runs',
    width_px: 72,
    align: 'right',
    cell: (row) => <span className="c-1">{whole(row.runs)}</span>,
  },
  {
    key: 'done',
    title: 'Completed',
    width_px: 96,
    align: 'right',
    cell: (row) => whole(row.statuses.completed ?? 0),
  },
  {
    key: 'failed',
    title: 'Failed',
    width_px: 80,
    align: 'right',
    cell: (row) => {
      const bad = (row.statuses.failed ?? 0) + (row.statuses.interrupted ?? 0)
      return bad ? <span className="c-fail">{whole(bad)}</span> : <span className="c-3">0</span>
    },
  },
]

const HOW: readonly Column<ExperimentItem>[] = [
  {
    key: 'trend',
    title: 'Trend',
    width_px: 96,
    cell: (row) =>
      row.metrics[0] && row.metrics[0].trend.length > 1 ? (
        <SparkLine
          values={row.metrics[0].trend}
          width={72}
          dot="highest"
          label={row.metrics[0].name}
        />
      ) : (
        <span className="c-3">–</span>
      ),
  },
  {
    key: 'best',
    title: 'Highest',
    width_px: 140,
    align: 'right',
    cell: (row) =>
      row.metrics[0]?.highest != null ? (
        <>
          <span className="c-3">{row.metrics[0].name}</span>{' '}
          <span className="c-1">{steady(row.metrics[0].highest)}</span>
        </>
      ) : (
        <span className="c-3">–</span>
      ),
  },
]
