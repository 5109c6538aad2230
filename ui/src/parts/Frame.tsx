import type { ReactNode } from 'react'
import style from './Frame.module.css'

interface Props {
  title: ReactNode
  /** Quiet words after the title. */
  note?: ReactNode
  /** At the right end of the header. */
  actions?: ReactNode
  /** Names the section where the title is not words. */
  label?: string
  className?: string | undefined
  /** As high as this where there is room; less, and its content scrolls. */
  height_px?: number
  children: ReactNode
}

/** A panel: one hairline, one bevelled corner, three registration ticks. Never inside another. */
export function Frame({ title, note, actions, label, className, height_px, children }: Props) {
  return (
    <section
      className={`${style.frame} ${className ?? ''}`}
      aria-label={label}
      style={height_px ? { flexBasis: height_px } : undefined}
    >
      <header className={style.head}>
        <h2>{title}</h2>
        {note !== undefined && <span className={style.note}>{note}</span>}
        {actions !== undefined && <div className={style.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  )
}
