import { useSyncExternalStore } from 'react'

/** Whether the screen is so. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (call) => {
      const media = matchMedia(query)
      media.addEventListener('change', call)
      return () => media.removeEventListener('change', call)
    },
    () => matchMedia(query).matches,
  )
}

export const usePhone = (): boolean => useMedia('(max-width: 720px)')
