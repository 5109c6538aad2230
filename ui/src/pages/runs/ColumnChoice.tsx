import { ArrowDown, ArrowUp, Columns3, Pin } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../parts/Button'
import { Popover } from '../../parts/Menu'
import style from './Choosers.module.css'
import { type Columns, moved, pinnedTo, without } from './choices'

interface ColumnProps {
  columns: Columns
  /** All that there are, and those that are shown at first. */
  all: readonly string[]
  first: readonly string[]
  titleOf: (key: string) => string
  /** Columns from the left can be kept in sight. */
  canPin?: boolean
  onChange: (columns: Columns) => void
}

/** Which columns, in which order, and how many of them stay when the rest is scrolled. */
export function ColumnChoice(props: ColumnProps) {
  const { columns, all, first, onChange } = props
  const { keys } = columns
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
          <ChosenColumn key={key} at={key} {...props} />
        ))}
      </ul>
      <OtherColumns
        keys={all.filter((key) => !keys.includes(key))}
        titleOf={props.titleOf}
        onChoose={(key) => onChange({ ...columns, keys: [...keys, key] })}
      />
      <Button kind="quiet" size="small" onClick={() => onChange({ keys: first, pinned: 1 })}>
        As at first
      </Button>
    </Popover>
  )
}

const MOST_OFFERED = 60

interface OtherProps {
  keys: readonly string[]
  titleOf: (key: string) => string
  onChoose: (key: string) => void
}

function OtherColumns({ keys, titleOf, onChoose }: OtherProps) {
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
              {titleOf(key)}{' '}
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
function ChosenColumn({ at, columns, titleOf, canPin, onChange }: ChosenProps) {
  const { keys, pinned } = columns
  const title = titleOf(at)
  const place = keys.indexOf(at)
  return (
    <li>
      <label>
        <input type="checkbox" checked onChange={() => onChange(without(columns, at))} />
        {title}
      </label>
      {canPin && (
        <Small
          name={`Keep ${title} and what is before it in sight`}
          isOn={place < pinned}
          onClick={() => onChange(pinnedTo(columns, at))}
        >
          <Pin size={12} />
        </Small>
      )}
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
