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
  const move = (n: number, by: number) => {
    const next = [...chosen]
    const [taken] = next.splice(n, 1)
    if (taken !== undefined) next.splice(Math.max(0, n + by), 0, taken)
    onChange(next)
  }
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
          <li key={key}>
            <label>
              <input
                type="checkbox"
                checked
                onChange={() => onChange(chosen.filter((one) => one !== key))}
              />
              {titleOfColumn(key)}
            </label>
            <button
              type="button"
              aria-label={`Keep ${titleOfColumn(key)} and what is before it in sight`}
              title="Pin up to here"
              onClick={() => onChange(chosen.map((one, at) => (at === n ? `*${one}` : one)))}
            >
              <Pin size={12} />
            </button>
            <button
              type="button"
              aria-label={`Move ${titleOfColumn(key)} up`}
              disabled={n === 0}
              onClick={() => move(n, -1)}
            >
              <ArrowUp size={12} />
            </button>
            <button
              type="button"
              aria-label={`Move ${titleOfColumn(key)} down`}
              disabled={n === chosen.length - 1}
              onClick={() => move(n, 1)}
            >
              <ArrowDown size={12} />
            </button>
          </li>
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
