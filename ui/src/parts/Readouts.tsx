import type { ReactNode } from 'react'
import style from './Readouts.module.css'

export interface Readout {
  label: string
  value: ReactNode
  note?: ReactNode
}

/** A strip of figures that are read at a glance. */
export function Readouts({ label, readouts }: { label: string; readouts: readonly Readout[] }) {
  return (
    <section className={style.strip} aria-label={label}>
      {readouts.map((readout) => (
        <div key={readout.label}>
          <div className="lbl">{readout.label}</div>
          <div className={style.value}>
            {readout.value}
            {readout.note !== undefined && <small>{readout.note}</small>}
          </div>
        </div>
      ))}
    </section>
  )
}
