import type { ButtonHTMLAttributes } from 'react'
import style from './Button.module.css'

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `quiet` has no border until it is pointed at; `primary` is the one thing to do. */
  kind?: 'plain' | 'quiet' | 'primary'
  size?: 'normal' | 'small' | 'square'
}

export function Button({ kind = 'plain', size = 'normal', className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={`${style.button} ${style[kind] ?? ''} ${style[size] ?? ''} ${className ?? ''}`}
    />
  )
}

/** The look of a button for a link. */
export const buttonLook = (
  kind: 'plain' | 'quiet' = 'plain',
  size: 'normal' | 'small' = 'normal',
) => `${style.button} ${style[kind] ?? ''} ${style[size] ?? ''}`
