import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import { type RunSearch, runSearch } from './search'

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

/** What stands in the address by now, which the page itself shows a moment later. */
export function useLatestRunSearch(): () => RunSearch {
  const router = useRouter()
  return useCallback(() => runSearch(router.latestLocation.search), [router])
}
