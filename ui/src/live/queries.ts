import { ask, askText, type Params, part } from './api'
import type {
  AttemptPage,
  Citation,
  Comparison,
  EventPage,
  ExperimentItem,
  Facet,
  FacetValue,
  Finding,
  HomeFacts,
  Kept,
  Latency,
  Overview,
  ProviderPage,
  ProviderWhole,
  RateNow,
  RunCurves,
  RunPage,
  RunSearch,
  RunWhole,
  SearchPage,
  Series,
  Source,
  Statement,
  SubQueryPage,
  SubQueryWhole,
  View,
} from './shapes.gen'

/** A question to the board, under the name that its answer is kept by. */
function question<T>(key: string, path: string, params: Params = {}) {
  return {
    queryKey: [key, path, params] as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => ask<T>(path, params, signal),
  }
}

const run = (id: string): string => `runs/${part(id)}`

export const runsQuestion = (params: Params) => question<RunPage>('runs', 'runs', params)
export const curvesQuestion = (ids: readonly string[]) =>
  question<RunCurves[]>('curves', 'curves', { run: ids })
export const latencyQuestion = (ids: readonly string[]) =>
  question<Latency[]>('latency', 'latency', { run: ids })
export const runQuestion = (id: string) => question<RunWhole>('run', run(id))
export const eventsQuestion = (id: string, params: Params) =>
  question<EventPage>('events', `${run(id)}/events`, params)
export const subQueriesQuestion = (id: string, params: Params) =>
  question<SubQueryPage>('sub-queries', `${run(id)}/sub-queries`, params)
export const attemptsQuestion = (id: string, params: Params) =>
  question<AttemptPage>('attempts', `${run(id)}/attempts`, params)
export const subQueryQuestion = (id: string, queryId: string) =>
  question<SubQueryWhole>('sub-query', `${run(id)}/sub-query`, { id: queryId })
export const citationsQuestion = (id: string) =>
  question<Citation[]>('citations', `${run(id)}/citations`)
export const sourceQuestion = (id: string, span: string, seq: number | null, context: number) =>
  question<Source>('source', `${run(id)}/source`, { span, seq, context })
export const runSearchQuestion = (id: string, text: string) =>
  question<RunSearch>('run-search', `${run(id)}/search`, { text, limit: 50 })
export const metricsQuestion = (id: string) => question<Series[]>('metrics', `${run(id)}/metrics`)
export const labelsQuestion = (id: string) => question<Statement[]>('labels', `${run(id)}/labels`)
export const artifactsQuestion = (id: string) =>
  question<Kept[]>('artifacts', `${run(id)}/artifacts`)
export const searchQuestion = (text: string) =>
  question<SearchPage>('search', 'search', { text, limit: 12 })
export const facetsQuestion = () => question<Facet[]>('facets', 'facets')
export const facetQuestion = (key: string, filter: string, prefix: string) =>
  question<FacetValue[]>('facet', `facets/${part(key)}`, { filter, prefix, limit: 8 })
export const experimentsQuestion = () => question<ExperimentItem[]>('experiments', 'experiments')
export const experimentQuestion = (name: string) =>
  question<ExperimentItem>('experiment', `experiments/${part(name)}`)
export const comparisonQuestion = (params: Params) =>
  question<Comparison>('compare', 'compare', params)
export const providersQuestion = (params: Params) =>
  question<ProviderPage>('providers', 'providers', params)
export const providerQuestion = (name: string, params: Params) =>
  question<ProviderWhole>('provider', `providers/${part(name)}`, params)
export const overviewQuestion = (since: string, bucket: 'hour' | 'day') =>
  question<Overview>('overview', 'overview', {
    since,
    bucket,
    offset_min: -new Date().getTimezoneOffset(),
  })
/** Asked often, and first of all whether the board answers: that is not to be known late. */
export const homeQuestion = () => ({ ...question<HomeFacts>('home', 'home'), retry: false })
export const rateQuestion = () => question<RateNow>('rate', 'rate')
export const doctorQuestion = () => question<Finding[]>('doctor', 'doctor')
export const viewsQuestion = () => question<View[]>('views', 'views')

/** The final output whole, as text. */
export const outputQuestion = (id: string) => ({
  queryKey: ['output', id] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) => askText(`${run(id)}/output`, {}, signal),
})

/** A whole text by its hash, for ever the same. */
export const payloadQuestion = (id: string, sha256: string) => ({
  queryKey: ['payload', id, sha256] as const,
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    askText(`${run(id)}/payloads/${part(sha256)}`, {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
})
