import { Link } from '@tanstack/react-router'
import { AlignLeft, Contrast, House, Network, SlidersHorizontal, Table2 } from 'lucide-react'
import { themeInForce, usePreferences } from '../../parts/preferences'
import style from './Shell.module.css'

const PLACES = [
  { to: '/rlm', name: 'Home', key: 'g h', Icon: House, exact: true },
  { to: '/rlm/runs', name: 'Runs', key: 'g r', Icon: AlignLeft, exact: false },
  { to: '/rlm/experiments', name: 'Experiments', key: 'g e', Icon: Table2, exact: false },
  { to: '/rlm/providers', name: 'Providers', key: 'g p', Icon: Network, exact: false },
] as const

const LIGHT = { size: 16, strokeWidth: 1.5, 'aria-hidden': true } as const

/** From one to the other; what the machine says counts until then. */
export function turnTheme(): void {
  const { theme, set } = usePreferences.getState()
  set({ theme: themeInForce(theme) === 'dark' ? 'light' : 'dark' })
}

export function Rail() {
  return (
    <nav className={style.rail} aria-label="Primary">
      <Link
        to="/rlm"
        className={style.mark}
        aria-label="rlmboard"
        tabIndex={-1}
        activeOptions={{ exact: true }}
      >
        <Mark />
      </Link>
      {PLACES.map(({ to, name, key, Icon, exact }) => (
        <Link
          key={to}
          to={to}
          aria-label={name}
          title={`${name} (${key})`}
          activeOptions={{ exact, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          <Icon {...LIGHT} />
        </Link>
      ))}
      <span className={style.space} />
      <button type="button" aria-label="Turn the theme" title="Theme (t)" onClick={turnTheme}>
        <Contrast {...LIGHT} />
      </button>
      <Link
        to="/rlm/settings"
        aria-label="Settings"
        title="Settings (g s)"
        activeProps={{ 'aria-current': 'page' }}
      >
        <SlidersHorizontal {...LIGHT} />
      </Link>
    </nav>
  )
}

/** The same places, at the thumb. */
export function TabBar() {
  return (
    <nav className={style.tabs} aria-label="Primary, phone">
      {PLACES.map(({ to, name, Icon, exact }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          <Icon {...LIGHT} size={20} />
          {name}
        </Link>
      ))}
    </nav>
  )
}

function Mark() {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M4 3v14M4 5h5l3 3M4 10h12M4 15h5l3-3" />
    </svg>
  )
}
