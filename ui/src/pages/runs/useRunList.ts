import {
  type InfiniteData,
  useInfiniteQuery,
  useQueries,
  useQueryClient,
} from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import { ask } from '../../live/api'
import { liveSocket } from '../../live/browser'
import { latencyQuestion } from '../../live/queries'
import type { Latency, RunItem, RunPage } from '../../live/shapes.gen'
import { DEFAULT_SORT } from './search'

const PAGE_RUNS = 200
const LATENCY_RUNS = 100
/** New runs are asked for at most this often. */
const REFRESH_MS = 1500
/** Groups, which are counted over all runs, at most this often. */
const REGROUP_MS = 3000

/** The runs that fit, page by page as the list is scrolled, and as they change. */
export function useRunList(filter: string, sort: string | undefined) {
  const key = ['run-list', filter, sort ?? DEFAULT_SORT] as const
  const list = useInfiniteQuery({
    queryKey: key,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      ask<RunPage>(
        'runs',
        {
          filter,
          sort: sort ?? DEFAULT_SORT,
          limit: PAGE_RUNS,
          after: pageParam,
          count: pageParam === '',
        },
        signal,
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before) => before,
  })
  useLiveRuns(key)
  // A filter that cannot be read leaves what was there.
  const last = useRef(list.data)
  if (list.data) last.current = list.data
  const data = list.data ?? last.current
  const runs = useMemo(() => data?.pages.flatMap((page) => page.runs) ?? [], [data])
  return {
    ...list,
    runs,
    count: data?.pages[0]?.count ?? null,
    total: data?.pages[0]?.total ?? null,
  }
}

type Pages = InfiniteData<RunPage, string>

/** Changed runs are put in their place; a run that is new asks for the first page again. */
function useLiveRuns(key: readonly unknown[]): void {
  const client = useQueryClient()
  const name = JSON.stringify(key)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const again = useRef<ReturnType<typeof setTimeout> | null>(null)
  useEffect(() => {
    const kept = JSON.parse(name) as unknown[]
    const refresh = () => {
      timer.current ??= setTimeout(() => {
        timer.current = null
        client.invalidateQueries({ queryKey: kept })
      }, REFRESH_MS)
    }
    const regroup = () => {
      again.current ??= setTimeout(() => {
        again.current = null
        client.invalidateQueries({ queryKey: ['run-groups'] })
      }, REGROUP_MS)
    }
    const stop = liveSocket().follow('runs', {
      ask: () => ({ sub: 'runs' }),
      end: { unsub: 'runs' },
      hear: (frame) => {
        if (frame.type !== 'runs') return
        regroup()
        const pages = client.getQueryData<Pages>(kept)
        if (!pages) return
        const { next, isNew } = patched(pages, frame.changed, frame.removed)
        client.setQueryData(kept, next)
        if (isNew || frame.reload) refresh()
      },
    })
    return () => {
      stop()
      if (timer.current) clearTimeout(timer.current)
      timer.current = null
      if (again.current) clearTimeout(again.current)
      again.current = null
    }
  }, [client, name])
}

/** The pages with these runs as they are now, and whether one is in none of them. */
export function patched(pages: Pages, changed: readonly RunItem[], removed: readonly string[]) {
  const fresh = new Map(changed.map((run) => [run.id, run]))
  const gone = new Set(removed)
  const next: Pages = {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      runs: page.runs.filter((run) => !gone.has(run.id)).map((run) => take(fresh, run)),
    })),
  }
  return { next, isNew: fresh.size > 0 }
}

function take(fresh: Map<string, RunItem>, run: RunItem): RunItem {
  const now = fresh.get(run.id)
  if (now) fresh.delete(run.id)
  return now ?? run
}

/** Latency of each run that is here, asked for in few questions. */
export function useLatencies(
  runs: readonly RunItem[],
  active: boolean,
): (id: string) => Latency | undefined {
  const chunks = useMemo(() => {
    const ids = runs.filter((run) => run.returned > 0).map((run) => run.id)
    return Array.from({ length: Math.ceil(ids.length / LATENCY_RUNS) }, (_, n) =>
      ids.slice(n * LATENCY_RUNS, (n + 1) * LATENCY_RUNS),
    )
  }, [runs])
  const answers = useQueries({
    queries: active ? chunks.map((ids) => ({ ...latencyQuestion(ids), staleTime: 60_000 })) : [],
    combine: (results) => results.map((result) => result.data),
  })
  return useMemo(() => {
    const byRun = new Map(
      answers.flatMap((answer) => answer ?? []).map((latency) => [latency.run_id, latency]),
    )
    return (id) => byRun.get(id)
  }, [answers])
}
