import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import style from './CopyButton.module.css'

interface Props {
  text: string
  label: string
}

export function CopyButton({ text, label }: Props) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <button
      type="button"
      className={style.copy}
      aria-label={label}
      title={label}
      onClick={copy}
      onBlur={() => setCopied(false)}
    >
      {copied ? <Check size={14} /> : <Copy size={14} />}
      <span className="sr" aria-live="polite">
        {copied ? 'copied' : ''}
      </span>
    </button>
  )
}
