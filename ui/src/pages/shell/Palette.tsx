import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useDeferredValue, useEffect, useState } from 'react'
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
  const sought = useDeferredValue(text.trim())
  const isSearch = sought.length > 1
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
        loop
        className={style.palette}
      >
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="A run, a word in it, or something to do"
          autoFocus
        />
        <Command.List>
          {isSearch ? (
            <Found sought={sought} leave={leave} onFirst={setAt} />
          ) : (
            <Known leave={leave} />
          )}
        </Command.List>
      </Command>
    </Dialog>
  )
}

/** Closes the palette, and does what was chosen. */
type Leave = (then: () => void) => () => void

interface FoundProps {
  sought: string
  leave: Leave
  /** What Enter takes: the first of all that is found. */
  onFirst: (value: string) => void
}

function Found({ sought, leave, onFirst }: FoundProps) {
  const go = useNavigate()
  const { data, isPending } = useQuery(searchQuestion(sought))
  const open = (id: string, sel: string | null) =>
    leave(() => go({ to: '/rlm/runs/$id', params: { id }, search: sel ? { sel } : {} }))
  const place = PLACES.find(({ name }) => begins(name, sought))
  useEffect(() => {
    if (!isPending) onFirst(place ? `go ${place.name}` : data?.hits.length ? 'hit 0' : FILTER)
  }, [isPending, data, place, onFirst])
  if (isPending) return <Command.Loading>Looking …</Command.Loading>
  return (
    <>
      <Doings leave={leave} sought={sought} />
      <Group title="Found">
        {data?.hits.map((hit, n) => (
          <FoundItem
            key={n}
            value={`hit ${n}`}
            hit={hit}
            onSelect={open(hit.run_id, hit.query_id)}
          />
        ))}
        <Item
          value={FILTER}
          onSelect={leave(() => go({ to: '/rlm/runs', search: { filter: sought } }))}
        >
          Filter the runs by <code>{sought}</code>
        </Item>
      </Group>
    </>
  )
}

const FILTER = 'filter-runs'
const begins = (name: string, sought: string): boolean =>
  name.toLowerCase().startsWith(sought.toLowerCase())

/** Where to go and what to do; of what is sought, only what begins so. */
function Doings({ leave, sought = '' }: { leave: Leave; sought?: string }) {
  const go = useNavigate()
  const places = PLACES.filter(({ name }) => begins(name, sought))
  const compares = begins('Compare runs', sought)
  const turns = begins('Theme', sought) || begins('Turn the theme', sought)
  if (places.length === 0 && !compares && !turns) return null
  return (
    <Group title="Go and do">
      {places.map(({ to, name, key }) => (
        <Item key={to} value={`go ${name}`} hint={key} onSelect={leave(() => go({ to }))}>
          {name}
        </Item>
      ))}
      {compares && <Compare leave={leave} />}
      {turns && (
        <Item value="theme dark light" hint="t" onSelect={leave(turnTheme)}>
          Turn the theme
        </Item>
      )}
    </Group>
  )
}

/** Recent runs, places, and things to do. */
function Known({ leave }: { leave: Leave }) {
  const go = useNavigate()
  const { data } = useQuery(runsQuestion({ limit: 8, count: false }))
  const open = (id: string) => leave(() => go({ to: '/rlm/runs/$id', params: { id } }))
  return (
    <>
      <Group title="Recent runs">
        {data?.runs.map((run) => (
          <RunEntry key={run.id} run={run} onSelect={open(run.id)} />
        ))}
      </Group>
      <Doings leave={leave} />
      <Command.Empty>Nothing found</Command.Empty>
    </>
  )
}

/** The runs that are chosen on the page behind, side by side. */
function Compare({ leave }: { leave: Leave }) {
  const go = useNavigate()
  const ids = useChosen((chosen) => chosen.ids)
  if (ids.length === 0)
    return (
      <Item value="compare runs" onSelect={leave(() => go({ to: '/rlm/compare' }))}>
        Compare runs
      </Item>
    )
  const compare = () => go({ to: '/rlm/compare', search: { runs: [...ids] } })
  return (
    <Item value="compare the chosen runs" hint="c" onSelect={leave(compare)}>
      Compare the {ids.length} chosen {ids.length === 1 ? 'run' : 'runs'}
    </Item>
  )
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return <Command.Group heading={title}>{children}</Command.Group>
}

interface ItemProps {
  value: string
  hint?: string
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
