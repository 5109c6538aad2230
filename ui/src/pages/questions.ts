import { QueryClient } from '@tanstack/react-query'
import { BoardError } from '../live/api'

/** What the board answered, kept while somebody looks. */
export const questions = new QueryClient({
  defaultOptions: {
    // The board is mostly on this machine: it answers where there is no network at all.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, why) => failures < 2 && worthAnotherTry(why),
    },
  },
})

/** A wrong filter stays wrong; a board that is busy or restarting comes back. */
const worthAnotherTry = (why: unknown): boolean =>
  why instanceof BoardError && (why.problem.status === 0 || why.problem.status >= 500)
