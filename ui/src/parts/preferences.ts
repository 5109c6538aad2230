import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { Currency, Rate } from './money'

export type Theme = 'dark' | 'light' | 'system'
export type Density = 'compact' | 'normal' | 'roomy'

interface Preferences {
  theme: Theme
  density: Density
  plainFrames: boolean
  currency: Currency
  set: (change: Partial<Omit<Preferences, 'set'>>) => void
}

/** How one person wants the page, kept in their browser. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: 'system',
      density: 'normal',
      plainFrames: false,
      currency: 'sats',
      set: (change) => set(change),
    }),
    { name: 'rlmboard.preferences', partialize: ({ set: _, ...kept }) => kept },
  ),
)

/** The theme that is meant: what the person chose, or what their machine says, or forces. */
export function themeInForce(theme: Theme): 'dark' | 'light' {
  if (theme !== 'system' && !matchMedia('(forced-colors: active)').matches) return theme
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
}

/** A report is light whatever the theme: it is made for paper. */
export function showAs(view: 'page' | 'report'): void {
  document.documentElement.dataset.view = view
  usePreferences.setState({})
}

/** Puts the preferences on the document, now and whenever they change. */
export function applyPreferences(): () => void {
  const apply = () => {
    const { theme, density, plainFrames } = usePreferences.getState()
    const { dataset } = document.documentElement
    dataset.theme = dataset.view === 'report' ? 'light' : themeInForce(theme)
    dataset.density = density
    dataset.frames = plainFrames ? 'plain' : 'full'
  }
  apply()
  const system = matchMedia('(prefers-color-scheme: light)')
  system.addEventListener('change', apply)
  const stop = usePreferences.subscribe(apply)
  return () => {
    stop()
    system.removeEventListener('change', apply)
  }
}

/** The exchange rate that is recorded in the home; null without one, and until it is known. */
export const useRate = create<{ rate: Rate | null }>()(() => ({ rate: null }))
