import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { RunSearch } from './search'

type Change = { [K in keyof RunSearch]?: RunSearch[K] | undefined }

/** What stands in the address of a run page, and how it is changed. */
export function useRunSearch(): [RunSearch, (next: Change) => void] {
  const search = useSearch({ from: '/rlm/runs/$id' })
  const go = useNavigate({ from: '/rlm/runs/$id' })
  const change = useCallback(
    (next: Change) => go({ search: (was) => ({ ...was, ...next }) as RunSearch, replace: true }),
    [go],
  )
  return [search, change]
}
