import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { type KeyboardEvent, useDeferredValue, useEffect, useState } from 'react'
import { runsQuestion, searchQuestion } from '../../live/queries'
import type { Hit, RunItem } from '../../live/shapes.gen'
import { Dialog } from '../../parts/Dialog'
import { titleOf } from '../../views/runTitle'
import { StatusGlyph } from '../../views/StatusGlyph'
import { useChosen } from '../chosen'
import style from './Palette.module.css'
import { turnTheme } from './Rail'

const PLACES = [
  { to: '/rlm', name: 'Home', key: 'g h' },
  { to: '/rlm/runs', name: 'Runs', key: 'g r' },
  { to: '/rlm/experiments', name: 'Experiments', key: 'g e' },
  { to: '/rlm/providers', name: 'Providers', key: 'g p' },
  { to: '/rlm/settings', name: 'Settings', key: 'g s' },
] as const

/** Search, jump and do, without leaving the keyboard. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [at, setAt] = useState('')
  const [isAsked, setAsked] = useState(false)
  const sought = useDeferredValue(text.trim())
  const isSearch = sought.length > 1
  const found = useFound(isSearch ? sought : '')
  const isSettled = sought === text.trim() && (!isSearch || !found.isLooking || isDoing(sought))
  const leave = (then: () => void) => () => {
    onClose()
    then()
  }
  return (
    <Dialog label="Search or jump" onClose={onClose} className={style.dialog}>
      <Command
        label="Search or jump"
        shouldFilter={!isSearch}
        value={at}
        onValueChange={setAt}
        onKeyDown={(event) => {
          if (isSettled || !isEnter(event)) return
          event.preventDefault()
          setAsked(true)
        }}
        loop
        className={style.palette}
      >
        <Command.Input
          value={text}
          onValueChange={(now) => {
            setText(now)
            setAsked(false)
          }}
          placeholder="A run, a word in it, or something to do"
          autoFocus
        />
        <Command.List>
          {isSearch ? (
            <Found
              sought={sought}
              {...found}
              isSettled={isSettled}
              isAsked={isAsked}
              leave={leave}
              onFirst={setAt}
            />
          ) : (
            <Known leave={leave} />
          )}
        </Command.List>
      </Command>
    </Dialog>
  )
}

const isEnter = ({ key, nativeEvent }: KeyboardEvent) => key === 'Enter' && !nativeEvent.isComposing

/** What the runs hold of `sought`; until that is known, what they held of the last. */
function useFound(sought: string): { hits: Hit[]; isLooking: boolean } {
  const { data, isPending, isPlaceholderData } = useQuery({
    ...searchQuestion(sought),
    enabled: sought !== '',
    placeholderData: keepPreviousData,
  })
  return { hits: data?.hits ?? [], isLooking: isPending || isPlaceholderData }
}

/** Closes the palette, and does what was chosen. */
type Leave = (then: () => void) => () => void

interface FoundProps {
  sought: string
  hits: Hit[]
  /** Whether `hits` are not of `sought` yet. */
  isLooking: boolean
  /** Whether the first is known. */
  isSettled: boolean
  /** Enter came before all was found: the first is taken as soon as it is. */
  isAsked: boolean
  leave: Leave
  /** What Enter takes: the first of all that is found. */
  onFirst: (value: string) => void
}

function Found({ sought, hits, isLooking, isSettled, isAsked, leave, onFirst }: FoundProps) {
  const go = useNavigate()
  const doings = useDoings(leave).filter(({ names }) => begin(names, sought))
  const open = (id: string, sel: string | null) =>
    leave(() => go({ to: '/rlm/runs/$id', params: { id }, search: sel ? { sel } : {} }))
  const finds = hits.map((hit, n) => ({
    value: `hit ${n}`,
    hit,
    take: open(hit.run_id, hit.query_id),
  }))
  const filter = {
    value: 'filter-runs',
    take: leave(() => go({ to: '/rlm/runs', search: { filter: sought } })),
  }
  const first = doings[0] ?? finds[0] ?? filter
  // biome-ignore lint/correctness/useExhaustiveDependencies: other words, and the first is meant anew.
  useEffect(() => {
    if (isSettled) onFirst(first.value)
  }, [isSettled, sought, first.value, onFirst])
  useEffect(() => {
    if (isSettled && isAsked) first.take()
  })
  return (
    <>
      <Doings doings={doings} />
      <Group title="Found">
        {finds.map(({ value, hit, take }) => (
          <FoundItem key={value} value={value} hit={hit} onSelect={take} />
        ))}
        {isLooking && <Command.Loading>Looking …</Command.Loading>}
        <Item value={filter.value} onSelect={filter.take}>
          Filter the runs by <code>{sought}</code>
        </Item>
      </Group>
    </>
  )
}

/** A place to go to or a thing to do, under every name that it is sought by. */
interface Doing {
  value: string
  /** The first is shown. */
  names: [string, ...string[]]
  hint: string
  take: () => void
}

const begin = (names: string[], sought: string): boolean =>
  names.some((name) => name.toLowerCase().startsWith(sought.toLowerCase()))
const isDoing = (sought: string) => begin(DOINGS, sought)

function useDoings(leave: Leave): Doing[] {
  const go = useNavigate()
  const ids = useChosen((chosen) => chosen.ids)
  const compare = () => go({ to: '/rlm/compare', search: ids.length > 0 ? { runs: [...ids] } : {} })
  const chosen = `Compare the ${ids.length} chosen ${ids.length === 1 ? 'run' : 'runs'}`
  return [
    ...PLACES.map(
      ({ to, name, key }): Doing => ({
        value: `go ${name}`,
        names: [name],
        hint: key,
        take: leave(() => go({ to })),
      }),
    ),
    {
      value: 'compare the chosen runs',
      names: ids.length > 0 ? [chosen, COMPARE] : [COMPARE],
      hint: ids.length > 0 ? 'c' : '',
      take: leave(compare),
    },
    { value: 'theme dark light', names: TURN, hint: 't', take: leave(turnTheme) },
  ]
}

const COMPARE = 'Compare runs'
const TURN: [string, ...string[]] = ['Turn the theme', 'Theme']
const DOINGS = [...PLACES.map(({ name }) => name), COMPARE, ...TURN]

function Doings({ doings }: { doings: Doing[] }) {
  if (doings.length === 0) return null
  return (
    <Group title="Go and do">
      {doings.map(({ value, names: [name], hint, take }) => (
        <Item key={value} value={value} hint={hint} onSelect={take}>
          {name}
        </Item>
      ))}
    </Group>
  )
}

/** Recent runs, places, and things to do. */
function Known({ leave }: { leave: Leave }) {
  const go = useNavigate()
  const doings = useDoings(leave)
  const { data } = useQuery(runsQuestion({ limit: 8, count: false }))
  const open = (id: string) => leave(() => go({ to: '/rlm/runs/$id', params: { id } }))
  return (
    <>
      <Group title="Recent runs">
        {data?.runs.map((run) => (
          <RunEntry key={run.id} run={run} onSelect={open(run.id)} />
        ))}
      </Group>
      <Doings doings={doings} />
      <Command.Empty>Nothing found</Command.Empty>
    </>
  )
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return <Command.Group heading={title}>{children}</Command.Group>
}

interface ItemProps {
  value: string
  hint?: string | undefined
  onSelect: () => void
  children: React.ReactNode
}

function Item({ value, hint, onSelect, children }: ItemProps) {
  return (
    <Command.Item value={value} onSelect={onSelect}>
      {children}
      {hint && <kbd>{hint}</kbd>}
    </Command.Item>
  )
}

function RunEntry({ run, onSelect }: { run: RunItem; onSelect: () => void }) {
  return (
    <Item value={`${titleOf(run)} ${run.query} ${run.id}`} onSelect={onSelect}>
      <StatusGlyph status={run.status} presumed={run.presumed} />
      <span className={style.name}>{titleOf(run)}</span>
      <span className="ell c-3">{run.query}</span>
    </Item>
  )
}

function FoundItem({ value, hit, onSelect }: { value: string; hit: Hit; onSelect: () => void }) {
  return (
    <Item value={value} onSelect={onSelect}>
      <span className="lbl">{hit.field}</span>
      <span className="ell">{hit.snippet}</span>
      {hit.query_id && <code className="c-3">{hit.query_id}</code>}
    </Item>
  )
}
