import { useQueries } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { followWorld } from '../../live/browser'
import type { Follower } from '../../live/follow'
import { Followers } from '../../live/followers'
import { runQuestion } from '../../live/queries'
import { isHere } from '../../live/served'
import type { RunItem, RunWhole } from '../../live/shapes.gen'
import type { Picture } from '../../trace/picture'
import type { ChildBar } from '../../views/timeline/bars'
import { barOf } from './childClock'
import { useSampled } from './useFollowed'

/** A child run whose rows are open: its picture, and its own children as far as they are known. */
export interface OpenChild {
  follower: Follower
  /** As it says itself; null until it was asked. */
  item: RunItem | null
  children: readonly RunItem[]
  trouble: string | null
}

export interface ChildRuns {
  /** Of the run itself, in the order in which they were first heard of. */
  bars: readonly ChildBar[]
  open: ReadonlyMap<string, OpenChild>
  version: number
  turn: (id: string) => void
  keepOpen: (id: string) => void
  pictureOf: (id: string) => Picture | null
}

/** How often a run under way is asked for anew. */
export const LIVE_MS = 4000
const UNDER_WAY = new Set<RunItem['status']>(['queued', 'running'])

/** Runs that this run began, and theirs: each is loaded when it is opened, and then followed. */
export function useChildRuns(whole: RunWhole, chosen: string | undefined): ChildRuns {
  const [opened, setOpened] = useState<readonly string[]>([])
  const [followers] = useState(() => new Followers(followWorld))
  const wanted = useMemo(
    () => (isHere(whole.run.id) ? withChosen(opened, chosen, whole.run.id).filter(isHere) : []),
    [opened, chosen, whole.run.id],
  )
  useEffect(() => followers.keep(wanted), [followers, wanted])
  useEffect(() => () => followers.keep([]), [followers])
  const version = useSampled(followers)
  const wholes = useQueries({
    queries: wanted.map((id) => ({
      ...runQuestion(id),
      retry: false,
      refetchInterval: followers.get(id)?.state === 'live' ? LIVE_MS : (false as const),
    })),
    combine: asTold,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: pictures change in place, the version says when
  const open = useMemo(
    () => openOf(wanted, followers, wholes),
    [wanted, followers, wholes, version],
  )
  const turn = useCallback(
    (id: string) =>
      setOpened((was) => (was.includes(id) ? was.filter((one) => one !== id) : [...was, id])),
    [],
  )
  const keepOpen = useCallback(
    (id: string) => setOpened((was) => (was.includes(id) ? was : [...was, id])),
    [],
  )
  const pictureOf = useCallback((id: string) => followers.get(id)?.picture ?? null, [followers])
  return { bars: useBars(whole), open, version, turn, keepOpen, pictureOf }
}

interface Told {
  data: RunWhole | undefined
  error: Error | null
}

/** The same list for as long as the answers are the same. */
const asTold = (answers: readonly Told[]): Told[] =>
  answers.map(({ data, error }) => ({ data, error }))

function openOf(wanted: readonly string[], followers: Followers, wholes: readonly Told[]) {
  const open = new Map<string, OpenChild>()
  wanted.forEach((id, n) => {
    const follower = followers.get(id)
    if (!follower) return
    const { data, error } = wholes[n] ?? {}
    open.set(id, {
      follower,
      item: data?.run ?? null,
      children: data?.children ?? [],
      trouble: (follower.trouble ?? error)?.message ?? null,
    })
  })
  return open
}

/** What is selected must be there to be shown. */
function withChosen(opened: readonly string[], chosen: string | undefined, self: string) {
  if (chosen === undefined || chosen === self || opened.includes(chosen)) return opened
  return [...opened, chosen]
}

/** One bar a child. Each keeps its place, whatever comes later. */
function useBars({ run, children }: RunWhole): readonly ChildBar[] {
  const places = useRef<string[]>([])
  const known = useRef(new Map<string, ChildBar>())
  return useMemo(() => {
    for (const item of children) {
      if (item.id === run.id) continue
      if (!known.current.has(item.id)) places.current.push(item.id)
      known.current.set(item.id, barOf(run, item))
    }
    return places.current.flatMap((id) => known.current.get(id) ?? [])
  }, [run, children])
}

export const isUnderWay = ({ status }: RunItem): boolean => UNDER_WAY.has(status)
