import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { RunSearch } from './search'

type Change = { [K in keyof RunSearch]?: RunSearch[K] | undefined }

/** What stands in the address of a run page, and how it is changed. */
export function useRunSearch(): [RunSearch, (next: Change) => void] {
  const search = useSearch({ strict: false }) as RunSearch
  const go = useNavigate()
  const change = useCallback(
    (next: Change) =>
      go({ to: '.', search: (was: RunSearch) => ({ ...was, ...next }) as never, replace: true }),
    [go],
  )
  return [search, change]
}
