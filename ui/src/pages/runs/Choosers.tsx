import { useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, ChevronDown, Columns3, Pin } from 'lucide-react'
import { useState } from 'react'
import { facetsQuestion } from '../../live/queries'
import { Button } from '../../parts/Button'
import { Menu, MenuItem, Popover } from '../../parts/Menu'
import style from './Choosers.module.css'
import { FIRST_COLUMNS, KINDS, titleOfColumn } from './columns'

/** Config keys and metrics that some run has. */
function useKeysOf(from: 'config' | 'metric'): string[] {
  const { data } = useQuery({ ...facetsQuestion(), staleTime: 60_000 })
  const prefix = from === 'config' ? 'config.' : 'metric.'
  return (data ?? [])
    .filter((facet) => facet.from === from)
    .map((facet) => prefix + facet.key.replace(/^(config|metrics?)\./, ''))
}

export function GroupChoice({
  value,
  onChange,
}: {
  value: string | undefined
  onChange: (group: string | undefined) => void
}) {
  const configs = useKeysOf('config')
  const options = [
    'experiment',
    'status',
    'method',
    'model',
    ...configs.filter(
      (key) =>
        ![
          'config.method',
          'config.model',
          'config.experiment',
          'config.name',
          'config.tags',
        ].includes(key),
    ),
  ]
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="small">
          Group{' '}
          <span className="mono c-accent">{value ? value.replace(/^config\./, '') : 'none'}</span>
          <ChevronDown aria-hidden="true" />
        </Button>
      }
    >
      <MenuItem onSelect={() => onChange(undefined)}>none</MenuItem>
      {options.map((key) => (
        <MenuItem key={key} onSelect={() => onChange(key)}>
          <code>{key.replace(/^config\./, '')}</code>
        </MenuItem>
      ))}
    </Menu>
  )
}

interface ColumnProps {
  chosen: readonly string[]
  onChange: (columns: string[]) => void
}

/** Which columns, in which order, and how many of them stay when the rest is scrolled. */
export function ColumnChoice({ chosen, onChange }: ColumnProps) {
  const [sought, setSought] = useState('')
  const configs = useKeysOf('config')
  const metrics = useKeysOf('metric')
  const all = [
    ...Object.keys(KINDS),
    ...configs.filter((key) => !(key.slice(7) in KINDS)),
    ...metrics,
  ]
  const others = all.filter((key) => !chosen.includes(key) && key.includes(sought))
  return (
    <Popover
      label="Columns"
      trigger={
        <Button size="small">
          <Columns3 aria-hidden="true" />
          Columns{' '}
          <span className="u num">
            {chosen.length} of {all.length}
          </span>
        </Button>
      }
    >
      <ul className={style.list}>
        {chosen.map((key, n) => (
          <ChosenColumn key={key} at={n} chosen={chosen} onChange={onChange} />
        ))}
      </ul>
      <input
        className={style.seek}
        aria-label="Find a column"
        placeholder="More columns"
        value={sought}
        onChange={(event) => setSought(event.target.value)}
      />
      <ul className={style.list}>
        {others.slice(0, 60).map((key) => (
          <li key={key}>
            <label>
              <input type="checkbox" checked={false} onChange={() => onChange([...chosen, key])} />
              {titleOfColumn(key)}{' '}
              <span className="c-3">{key.includes('.') ? key.split('.')[0] : ''}</span>
            </label>
          </li>
        ))}
      </ul>
      <Button kind="quiet" size="small" onClick={() => onChange([...FIRST_COLUMNS])}>
        As at first
      </Button>
    </Popover>
  )
}

interface ChosenProps extends ColumnProps {
  at: number
}

/** One of the chosen: leave it out, pin up to it, move it. */
function ChosenColumn({ at, chosen, onChange }: ChosenProps) {
  const key = chosen[at]
  const title = titleOfColumn(key)
  const pin = () => onChange(chosen.map((one, n) => (n === at ? `*${one}` : one)))
  const move = (by: number) => onChange(moved(chosen, at, by))
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked
          onChange={() => onChange(chosen.filter((one) => one !== key))}
        />
        {title}
      </label>
      <Small name={`Keep ${title} and what is before it in sight`} onClick={pin}>
        <Pin size={12} />
      </Small>
      <Small name={`Move ${title} up`} disabled={at === 0} onClick={() => move(-1)}>
        <ArrowUp size={12} />
      </Small>
      <Small
        name={`Move ${title} down`}
        disabled={at === chosen.length - 1}
        onClick={() => move(1)}
      >
        <ArrowDown size={12} />
      </Small>
    </li>
  )
}

function moved(chosen: readonly string[], at: number, by: number): string[] {
  const next = chosen.filter((_, n) => n !== at)
  next.splice(Math.max(0, at + by), 0, chosen[at])
  return next
}

interface SmallProps {
  name: string
  disabled?: boolean
  onClick: () => void
  children: React.ReactNode
}

function Small({ name, disabled = false, onClick, children }: SmallProps) {
  return (
    <button type="button" aria-label={name} title={name} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  )
}
