import type { ReactNode } from 'react'
import style from './Pill.module.css'

export function Pill({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <span className={style.pill} title={title}>
      {children}
    </span>
  )
}

/** It goes on as we look. */
export function LiveMark({ children = 'LIVE' }: { children?: ReactNode }) {
  return (
    <span className={style.live}>
      <i />
      {children}
    </span>
  )
}

/** A state in words, in a box of its colour. */
export function Stamp({ children }: { children: ReactNode }) {
  return <span className={style.stamp}>{children}</span>
}

/** What a run is: name and value pairs, quiet. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <div className={style.facts}>
      {facts.map(([name, value]) => (
        <span key={name}>
          <b>{name}</b> {value}
        </span>
      ))}
    </div>
  )
}
