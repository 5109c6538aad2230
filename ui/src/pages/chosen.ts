import { useEffect } from 'react'
import { create } from 'zustand'

/** Runs that are chosen on the page, for those who stand outside of it. */
export const useChosen = create<{ ids: readonly string[] }>()(() => ({ ids: [] }))

/** Tells of the runs that are chosen, for as long as the page is there. */
export function useTellChosen(ids: readonly string[]): void {
  useEffect(() => {
    useChosen.setState({ ids })
    return () => useChosen.setState({ ids: [] })
  }, [ids])
}
