import { useInfiniteQuery, useQueries } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { ask } from '../../live/api'
import type { GroupPage, RunItem, RunPage } from '../../live/shapes.gen'
import { type GroupValue, keyOfValue, type Members } from './groups'
import { DEFAULT_SORT } from './search'

const PAGE_GROUPS = 100
const PAGE_RUNS = 200

/** What is grouped: all runs that fit, by a key, with the numbers of these columns. */
export interface Grouped {
  filter: string
  sort: string | undefined
  by: string | undefined
  measures: readonly string[]
  open: readonly GroupValue[]
}

/** The groups of all runs that fit, as the board counts them, and the runs of those that are open. */
export function useGroups(asked: Grouped) {
  const { filter, by, measures, open } = asked
  const sort = asked.sort ?? DEFAULT_SORT
  const columns = measures.join(',')
  const pages = useInfiniteQuery({
    queryKey: ['run-groups', filter, by, sort, columns],
    enabled: by !== undefined,
    initialPageParam: '0',
    queryFn: ({ pageParam, signal }) =>
      ask<GroupPage>(
        'groups',
        { by, filter, sort, columns, limit: PAGE_GROUPS, after: pageParam },
        signal,
      ),
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: (before, question) => (question?.queryKey[2] === by ? before : undefined),
  })
  const groups = useMemo(() => pages.data?.pages.flatMap((page) => page.groups) ?? [], [pages.data])
  const { members, more } = useMembers({ ...asked, sort }, open)
  return {
    ...pages,
    groups,
    count: pages.data?.pages[0]?.count ?? null,
    order: pages.data?.pages[0]?.order ?? null,
    members,
    more,
  }
}

/** The runs of the groups that are open, as many pages of each as were asked for. */
function useMembers({ filter, by, sort }: Grouped & { sort: string }, open: readonly GroupValue[]) {
  const [asked, setAsked] = useState<Record<string, number>>({})
  const answers = useQueries({
    queries: open.map((value) => {
      const pages = asked[keyOfValue(value)] ?? 1
      return {
        queryKey: ['run-groups', filter, by, sort, 'runs', value, pages],
        enabled: by !== undefined,
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          firstRuns({ filter, sort, by, value }, pages, signal),
        placeholderData: (before: RunItem[] | undefined) => before,
      }
    }),
  })
  const members = useMemo(
    () =>
      new Map<string, Members>(
        open.map((value, n) => {
          const { data, isFetching, isPlaceholderData } = answers[n]
          const isLoading = isFetching && (data === undefined || isPlaceholderData)
          return [keyOfValue(value), { runs: data ?? [], isLoading }]
        }),
      ),
    [open, answers],
  )
  const more = useCallback((value: GroupValue) => {
    const key = keyOfValue(value)
    setAsked((was) => ({ ...was, [key]: (was[key] ?? 1) + 1 }))
  }, [])
  return { members, more }
}

type OfGroup = { filter: string; sort: string; by: string | undefined; value: GroupValue }

/** So many pages of the runs of a group, one after the other. */
async function firstRuns(
  { value, ...group }: OfGroup,
  pages: number,
  signal: AbortSignal,
): Promise<RunItem[]> {
  const said = value === null ? {} : { value: JSON.stringify(value) }
  const runs: RunItem[] = []
  let after = ''
  for (let n = 0; n < pages; n += 1) {
    const asked = { ...group, ...said, limit: PAGE_RUNS, after, count: false }
    const page = await ask<RunPage>('runs', asked, signal)
    runs.push(...page.runs)
    if (page.next === null) break
    after = page.next
  }
  return runs
}
