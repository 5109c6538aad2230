import { useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { create } from 'zustand'

export interface Crumb {
  name: string
  to?: string
}

const useSaid = create<{ path: string; crumbs: Crumb[] }>(() => ({ path: '', crumbs: [] }))

const PLACES: Record<string, string> = {
  runs: 'Runs',
  experiments: 'Experiments',
  providers: 'Providers',
  settings: 'Settings',
  compare: 'Compare',
}

/** Where we are: what the page says of itself, else what its address says. */
export function useCrumbs(): Crumb[] {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const said = useSaid()
  if (said.path === path && said.crumbs.length > 0) return said.crumbs
  const parts = path.split('/').filter(Boolean).slice(1)
  if (parts.length === 0) return [{ name: 'Home' }]
  return parts.map((part, n) =>
    n === 0
      ? { name: PLACES[part] ?? part, to: `/rlm/${part}` }
      : { name: decodeURIComponent(part) },
  )
}

/** What a page is called, in the bar and in the tab of the browser. */
export function useTitle(...crumbs: Crumb[]): void {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const said = JSON.stringify(crumbs)
  useEffect(() => {
    const given = JSON.parse(said) as Crumb[]
    useSaid.setState({ path, crumbs: given })
    document.title = [...given.map((crumb) => crumb.name).reverse(), 'rlmboard'].join(' · ')
  }, [path, said])
}
