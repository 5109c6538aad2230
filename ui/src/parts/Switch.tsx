import type { ReactNode } from 'react'
import style from './Switch.module.css'

interface Props {
  on: boolean
  onChange: (on: boolean) => void
  children: ReactNode
}

export function Switch({ on, onChange, children }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      className={style.switch}
      onClick={() => onChange(!on)}
    >
      <i />
      {children}
    </button>
  )
}
