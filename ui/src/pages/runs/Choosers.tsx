import { useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, ChevronDown, Columns3, Pin } from 'lucide-react'
import { useState } from 'react'
import { facetsQuestion } from '../../live/queries'
import { Button } from '../../parts/Button'
import { Menu, MenuItem, Popover } from '../../parts/Menu'
import style from './Choosers.module.css'
import { type Columns, moved, pinnedTo, without } from './choices'
import { KINDS, titleOfColumn, useFirstColumns } from './columns'

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
  columns: Columns
  onChange: (columns: Columns) => void
}

/** Which columns, in which order, and how many of them stay when the rest is scrolled. */
export function ColumnChoice({ columns, onChange }: ColumnProps) {
  const { keys } = columns
  const all = useAllColumns()
  const first = useFirstColumns()
  return (
    <Popover
      label="Columns"
      trigger={
        <Button size="small">
          <Columns3 aria-hidden="true" />
          Columns{' '}
          <span className="u num">
            {keys.length} of {all.length}
          </span>
        </Button>
      }
    >
      <ul className={style.list} aria-label="Shown">
        {keys.map((key) => (
          <ChosenColumn key={key} at={key} columns={columns} onChange={onChange} />
        ))}
      </ul>
      <OtherColumns
        keys={all.filter((key) => !keys.includes(key))}
        onChoose={(key) => onChange({ ...columns, keys: [...keys, key] })}
      />
      <Button kind="quiet" size="small" onClick={() => onChange({ keys: first, pinned: 1 })}>
        As at first
      </Button>
    </Popover>
  )
}

/** What every run has, then the settings and metrics that some have. */
function useAllColumns(): string[] {
  const configs = useKeysOf('config')
  const metrics = useKeysOf('metric')
  return [...Object.keys(KINDS), ...configs.filter((key) => !(key.slice(7) in KINDS)), ...metrics]
}

const MOST_OFFERED = 60

interface OtherProps {
  keys: readonly string[]
  onChoose: (key: string) => void
}

function OtherColumns({ keys, onChoose }: OtherProps) {
  const [sought, setSought] = useState('')
  const found = keys.filter((key) => key.includes(sought.trim()))
  return (
    <>
      <input
        className={style.seek}
        aria-label="Find a column"
        placeholder="More columns"
        value={sought}
        onChange={(event) => setSought(event.target.value)}
      />
      <ul className={style.list} aria-label="More">
        {found.slice(0, MOST_OFFERED).map((key) => (
          <li key={key}>
            <label>
              <input type="checkbox" checked={false} onChange={() => onChoose(key)} />
              {titleOfColumn(key)}{' '}
              <span className="c-3">{key.includes('.') ? key.split('.')[0] : ''}</span>
            </label>
          </li>
        ))}
      </ul>
    </>
  )
}

interface ChosenProps extends ColumnProps {
  at: string
}

/** One of the chosen: leave it out, pin up to it, move it. */
function ChosenColumn({ at, columns, onChange }: ChosenProps) {
  const { keys, pinned } = columns
  const title = titleOfColumn(at)
  const place = keys.indexOf(at)
  return (
    <li>
      <label>
        <input type="checkbox" checked onChange={() => onChange(without(columns, at))} />
        {title}
      </label>
      <Small
        name={`Keep ${title} and what is before it in sight`}
        isOn={place < pinned}
        onClick={() => onChange(pinnedTo(columns, at))}
      >
        <Pin size={12} />
      </Small>
      <Small
        name={`Move ${title} up`}
        disabled={place === 0}
        onClick={() => onChange(moved(columns, at, -1))}
      >
        <ArrowUp size={12} />
      </Small>
      <Small
        name={`Move ${title} down`}
        disabled={place === keys.length - 1}
        onClick={() => onChange(moved(columns, at, 1))}
      >
        <ArrowDown size={12} />
      </Small>
    </li>
  )
}

interface SmallProps {
  name: string
  disabled?: boolean
  /** Of a button that stays pressed. */
  isOn?: boolean
  onClick: () => void
  children: React.ReactNode
}

function Small({ name, disabled = false, isOn, onClick, children }: SmallProps) {
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={isOn}
      title={name}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </button>
  )
}
