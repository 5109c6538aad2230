import { useNavigate } from '@tanstack/react-router'
import { useLayoutEffect, useState } from 'react'
import style from './DropTarget.module.css'

/** A trace.jsonl may be dropped anywhere on the page: it opens there, and is kept nowhere. */
export function DropTarget() {
  const [isOver, setOver] = useState(false)
  const go = useNavigate()
  useLayoutEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(true)
    }
    const out = (event: DragEvent) => event.relatedTarget === null && setOver(false)
    const drop = (event: DragEvent) => {
      const file = event.dataTransfer?.files[0]
      setOver(false)
      if (!file) return
      event.preventDefault()
      go({ to: '/rlm/dropped' })
      import('./opening').then(({ useOpenTrace }) => useOpenTrace.getState().open(file))
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', out)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', out)
      removeEventListener('drop', drop)
    }
  }, [go])
  if (!isOver) return null
  return (
    <div className={style.target} role="status">
      <p>Drop a trace.jsonl to look at it. It stays in this page: nothing is sent or stored.</p>
    </div>
  )
}
