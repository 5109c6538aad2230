import { useId } from 'react'
import style from './Field.module.css'

interface Props {
  label: string
  value: string
  onChange: (value: string) => void
  hint?: string
  lines?: number
}

/** One line of text, or several. */
export function Field({ label, value, onChange, hint, lines = 1 }: Props) {
  const id = useId()
  const shared = { id, value, 'aria-describedby': hint ? `${id}-hint` : undefined } as const
  return (
    <div className={style.field}>
      <label htmlFor={id}>{label}</label>
      {lines > 1 ? (
        <textarea {...shared} rows={lines} onChange={(event) => onChange(event.target.value)} />
      ) : (
        <input {...shared} onChange={(event) => onChange(event.target.value)} />
      )}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}
