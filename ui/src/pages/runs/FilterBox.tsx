import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useCallback, useEffect, useId, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { facetQuestion, facetsQuestion } from '../../live/queries'
import type { Problem } from '../../live/shapes.gen'
import { useKeys } from '../keys'
import style from './FilterBox.module.css'
import { type Ask, askedAt, completed } from './filterWords'

interface Props {
  value: string
  onChange: (filter: string) => void
  problem: Problem | null
  children: React.ReactNode
}

const SETTLED_MS = 220

/** The filter language with completion: keys first, then the values that a key has. */
export function FilterBox({ value, onChange, problem, children }: Props) {
  const field = useRef<HTMLInputElement>(null)
  const list = useId()
  const typed = useTyped(value, onChange)
  const { text, isOpen, chosen, setOpen } = typed
  const ask = askedAt(text, typed.caret)
  const options = useOptions(ask, text, isOpen)
  const shown = isOpen && options.length > 0
  useKeys({ '/': () => field.current?.focus() })
  const take = (option: string) => {
    const next = completed(text, ask, option)
    // What is typed on stands behind it, and not where the caret was a frame ago.
    flushSync(() => typed.type(next.filter, next.caret))
    field.current?.setSelectionRange(next.caret, next.caret)
  }
  const press = (event: React.KeyboardEvent) => {
    if (pressed(event.key, typed, options, take)) event.preventDefault()
  }
  return (
    <div className={style.filter} data-wrong={problem !== null || undefined}>
      <Search size={14} strokeWidth={1.5} aria-hidden="true" />
      <input
        ref={field}
        value={text}
        role="combobox"
        aria-label="Filter runs"
        aria-expanded={shown}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown && chosen >= 0 ? `${list}-${chosen}` : undefined}
        aria-invalid={problem !== null}
        placeholder="status:failed cost>40 since:24h"
        spellCheck={false}
        autoComplete="off"
        onChange={({ target }) => typed.type(target.value, target.selectionStart)}
        onSelect={(event) => typed.setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={press}
      />
      <div className={style.right}>{children}</div>
      {shown && <Options id={list} ask={ask} options={options} chosen={chosen} onTake={take} />}
      {problem && !shown && <Wrong problem={problem} filter={text} />}
    </div>
  )
}

/** What is typed, told on when the hands rest. */
function useTyped(value: string, onChange: (filter: string) => void) {
  const [text, setText] = useState(value)
  const [caret, setCaret] = useState(value.length)
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(-1)
  const tell = useTold(value, onChange, setText)
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => tell(text), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [text, value, tell])
  const type = (next: string, at: number | null) => {
    setText(next)
    setCaret(at ?? next.length)
    setChosen(-1)
    setOpen(true)
  }
  return { text, caret, setCaret, isOpen, setOpen, chosen, setChosen, type, tell }
}

/**
 * Tells what was typed, which comes back as `value` a moment later; another value is somebody
 * else's, and is taken. Whoever types on in the meantime keeps what they typed.
 */
function useTold(value: string, onChange: (filter: string) => void, take: (value: string) => void) {
  const told = useRef<string[]>([])
  useEffect(() => {
    const at = told.current.indexOf(value)
    if (at < 0) take(value)
    told.current = at < 0 ? [] : told.current.slice(at + 1)
  }, [value, take])
  return useCallback(
    (text: string) => {
      told.current.push(text)
      onChange(text)
    },
    [onChange],
  )
}

/** Arrows choose, Enter and Tab take, Enter without a choice asks, Escape closes. Whether it did. */
function pressed(
  key: string,
  { text, chosen, setChosen, isOpen, setOpen, tell }: ReturnType<typeof useTyped>,
  options: readonly Option[],
  take: (option: string) => void,
): boolean {
  const count = options.length
  const option = options[chosen]
  if (key === 'ArrowDown' && count) setChosen((chosen + 1) % count)
  else if (key === 'ArrowUp' && count) setChosen(((chosen + count + 1) % (count + 1)) - 1)
  else if ((key === 'Enter' || key === 'Tab') && option) take(option.value)
  else if (key === 'Enter') {
    tell(text)
    setOpen(false)
  } else if (key === 'Escape' && isOpen) setOpen(false)
  else return false
  return true
}

interface Option {
  value: string
  about: string
  runs: number | null
}

function useOptions(ask: Ask, text: string, active: boolean): Option[] {
  const facets = useQuery({ ...facetsQuestion(), enabled: active, staleTime: 60_000 })
  const others = `${text.slice(0, ask.start).replace(/\S*$/, '')}${text.slice(ask.end)}`.trim()
  const values = useQuery({
    ...facetQuestion(ask.key ?? '', others, ask.prefix),
    enabled: active && ask.key !== null,
    placeholderData: (before) => before,
  })
  if (ask.key !== null)
    return (values.data ?? []).map((value) => ({ value: value.value, about: '', runs: value.runs }))
  return (facets.data ?? [])
    .filter((facet) => facet.key.startsWith(ask.prefix) && facet.key !== ask.prefix)
    .slice(0, 9)
    .map((facet) => ({ value: facet.key, about: facet.about, runs: null }))
}

interface OptionsProps {
  id: string
  ask: Ask
  options: readonly Option[]
  chosen: number
  onTake: (value: string) => void
}

function Options({ id, ask, options, chosen, onTake }: OptionsProps) {
  const most = Math.max(...options.map((option) => option.runs ?? 0), 1)
  return (
    <div
      className={style.pop}
      style={{ '--at': `${Math.min(ask.start, 60)}ch` } as React.CSSProperties}
    >
      <div className={style.about}>
        {ask.key === null ? 'Keys' : `${ask.key}, in the runs found so far`}
      </div>
      <div role="listbox" id={id} aria-label="Completions">
        {options.map((option, n) => (
          <div
            key={option.value}
            id={`${id}-${n}`}
            role="option"
            aria-selected={n === chosen}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onTake(option.value)}
          >
            <code>{option.value}</code>
            {option.runs === null ? (
              <span className="c-3 ell">{option.about}</span>
            ) : (
              <>
                <i style={{ width: `${(option.runs / most) * 84}px` }} />
                <span className="num c-2">{option.runs}</span>
              </>
            )}
          </div>
        ))}
      </div>
      <div className={style.hints}>
        <span>
          <code>-</code> not
        </span>
        <span>
          <code>,</code> any of
        </span>
        <span>
          <code>&gt; &lt;</code> compare
        </span>
        <span>
          <code>" "</code> text
        </span>
      </div>
    </div>
  )
}

function Wrong({ problem, filter }: { problem: Problem; filter: string }) {
  const at = problem.position
  return (
    <div className={style.wrong} role="alert">
      {at !== null && (
        <pre aria-hidden="true">
          {filter.slice(0, at)}
          <mark>{filter.slice(at).split(/\s/)[0] || ' '}</mark>
        </pre>
      )}
      {problem.detail || problem.title}
    </div>
  )
}
