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
import { comparisonSearch } from './experiments/search'
import { providersSearch } from './providers/search'
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
