import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { basePath } from '../live/api'
import { exported } from '../live/exported'
import { runSearch } from './run/search'
import { runsSearch } from './runs/search'
import { Broken } from './shell/Broken'
import { ExportedShell } from './shell/ExportedShell'
import { Lost } from './shell/Lost'
import { Shell } from './shell/Shell'

const root = createRootRoute({
  component: exported ? ExportedShell : Shell,
  notFoundComponent: Lost,
})

const text = (value: unknown): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value)

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/rlm' })
  },
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/rlm',
  validateSearch: (search: Record<string, unknown>): { range?: string; by?: string } => ({
    ...(text(search.range) && { range: String(search.range) }),
    ...(text(search.by) && { by: String(search.by) }),
  }),
  component: lazyRouteComponent(() => import('./home/HomePage'), 'HomePage'),
})

const runs = createRoute({
  getParentRoute: () => root,
  path: '/rlm/runs',
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import('./runs/RunsPage'), 'RunsPage'),
})

const run = createRoute({
  getParentRoute: () => root,
  path: '/rlm/runs/$id',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./run/RunPage'), 'RunPage'),
})

const dropped = createRoute({
  getParentRoute: () => root,
  path: '/rlm/dropped',
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import('./dropped/DroppedPage'), 'DroppedPage'),
})

const experiments = createRoute({
  getParentRoute: () => root,
  path: '/rlm/experiments',
  component: lazyRouteComponent(() => import('./experiments/ExperimentsPage'), 'ExperimentsPage'),
})

export interface ComparisonSearch {
  filter?: string
  runs?: string[]
  group?: string
  base?: string
  sort?: string
  cols?: string
  same?: boolean
  x?: string
  y?: string
  view?: 'report'
  /** A few runs as a table, where they would stand side by side. */
  as?: 'table'
  lane?: 'depth' | 'packed'
  /** What of the time axis is in sight, in milliseconds. */
  t0?: number
  t1?: number
  /** Curves over time, where they would be over steps. */
  over?: 'time'
}

function comparisonSearch(search: Record<string, unknown>): ComparisonSearch {
  const said: ComparisonSearch = {}
  for (const name of ['filter', 'group', 'base', 'sort', 'cols', 'x', 'y'] as const) {
    const value = text(search[name])
    if (value) said[name] = value
  }
  if (Array.isArray(search.runs)) said.runs = search.runs.map(String)
  if (search.same === true) said.same = true
  if (search.view === 'report') said.view = 'report'
  if (search.as === 'table') said.as = 'table'
  if (search.over === 'time') said.over = 'time'
  if (search.lane === 'depth' || search.lane === 'packed') said.lane = search.lane
  for (const name of ['t0', 't1'] as const) {
    const value = search[name]
    if (typeof value === 'number' && Number.isFinite(value)) said[name] = value
  }
  return said
}

const experiment = createRoute({
  getParentRoute: () => root,
  path: '/rlm/experiments/$name',
  validateSearch: comparisonSearch,
  component: lazyRouteComponent(() => import('./experiments/ExperimentPage'), 'ExperimentPage'),
})

const compare = createRoute({
  getParentRoute: () => root,
  path: '/rlm/compare',
  validateSearch: comparisonSearch,
  component: lazyRouteComponent(() => import('./experiments/ComparePage'), 'ComparePage'),
})

export interface ProvidersSearch {
  window?: string
  model?: string
  venue?: string
  sort?: string
  sel?: string
}

function providersSearch(search: Record<string, unknown>): ProvidersSearch {
  const said: ProvidersSearch = {}
  for (const name of ['window', 'model', 'venue', 'sort', 'sel'] as const) {
    const value = text(search[name])
    if (value) said[name] = value
  }
  return said
}

const providers = createRoute({
  getParentRoute: () => root,
  path: '/rlm/providers',
  validateSearch: providersSearch,
  component: lazyRouteComponent(() => import('./providers/ProvidersPage'), 'ProvidersPage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: '/rlm/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsPage'), 'SettingsPage'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    start,
    home,
    runs,
    run,
    dropped,
    experiments,
    experiment,
    compare,
    providers,
    settings,
  ]),
  basepath: basePath(),
  // A file has no addresses below it: where one is stands in memory.
  ...(exported && { history: createMemoryHistory({ initialEntries: [exported.opens] }) }),
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
