import { Link2 } from 'lucide-react'
import { useState } from 'react'
import { exported } from '../../live/exported'
import { Button } from '../../parts/Button'

/** The address says all that is shown; an exported page has none. */
export function CopyLink() {
  const [copied, setCopied] = useState(false)
  if (exported) return null
  const copy = async () => {
    await navigator.clipboard.writeText(location.href)
    setCopied(true)
  }
  return (
    <Button onClick={copy} onBlur={() => setCopied(false)}>
      <Link2 aria-hidden="true" />
      <span aria-live="polite">{copied ? 'Copied' : 'Copy link'}</span>
    </Button>
  )
}
