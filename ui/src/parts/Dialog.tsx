import { type ReactNode, useLayoutEffect, useRef } from 'react'
import style from './Dialog.module.css'

interface Props {
  label: string
  onClose: () => void
  className?: string | undefined
  children: ReactNode
}

/** Above everything else, until Escape or a click outside. The browser keeps the focus inside. */
export function Dialog({ label, onClose, className, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // The browser takes what can have the focus at all: here whoever opens it means to type.
    shown?.querySelector<HTMLElement>('input, textarea')?.focus()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-label={label}
      className={`${style.dialog} ${className ?? ''}`}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      {children}
    </dialog>
  )
}
