import { useNavigate } from '@tanstack/react-router'
import { ChartColumn } from 'lucide-react'
import { Button } from '../../parts/Button'
import { useKeys } from '../keys'

interface Props {
  ids: readonly string[]
  onClear: () => void
}

/** The way from marked runs to their comparison. */
export function CompareMarked({ ids, onClear }: Props) {
  const go = useNavigate()
  const compare = () => go({ to: '/rlm/compare', search: { runs: [...ids] } })
  useKeys({ c: () => ids.length > 0 && compare() })
  if (ids.length === 0) return null
  return (
    <>
      <Button size="small" onClick={compare}>
        <ChartColumn aria-hidden="true" />
        Compare {ids.length}
        <kbd>C</kbd>
      </Button>
      <button type="button" className="lnk" onClick={onClear}>
        Clear
      </button>
    </>
  )
}
