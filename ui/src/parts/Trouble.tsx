import type { ReactNode } from 'react'
import { Button } from './Button'
import { Glyph } from './Glyph'
import style from './Trouble.module.css'

interface Props {
  /** What failed. */
  title: string
  /** Why, and what to do. */
  detail: ReactNode
  onRetry?: (() => void) | undefined
}

/** What could not be shown, and what to do next. */
export function Trouble({ title, detail, onRetry }: Props) {
  return (
    <div className={style.trouble} role="alert">
      <Glyph name="fail" />
      <div>
        <b>{title}</b>
        <p>{detail}</p>
        {onRetry && (
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  )
}

/** Why something that was asked for was not done; nothing, where it was. */
export function NotDone({ why }: { why: Error | null | undefined }) {
  if (!why) return null
  return (
    <span className="c-fail" role="alert">
      {why.message}
    </span>
  )
}

/** Where there is nothing, how it would come to be. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={style.empty}>
      <p className="c-2">{title}</p>
      {children}
    </div>
  )
}
