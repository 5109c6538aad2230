import { act, part } from './api'
import type {
  BulkLabel,
  CommentSaid,
  Done,
  ExperimentItem,
  ExperimentSaid,
  LabelChange,
  Rate,
  RateSaid,
  RunItem,
  ScoreSaid,
  Statement,
  View,
  ViewSaid,
} from './shapes.gen'

/** What a person does to runs. */
export const labelRun = (id: string, change: LabelChange) =>
  act<RunItem>('PATCH', `runs/${part(id)}/labels`, change)
export const labelRuns = (change: BulkLabel) => act<Done>('POST', 'label', change)
export const scoreRun = (id: string, said: ScoreSaid) =>
  act<Statement>('POST', `runs/${part(id)}/scores`, said)
export const commentOn = (id: string, said: CommentSaid) =>
  act<Statement>('POST', `runs/${part(id)}/comments`, said)
export const cancelRun = (id: string) => act<RunItem>('POST', `runs/${part(id)}/cancel`)
export const trashRuns = (runs: string[]) => act<Done>('POST', 'trash', { runs })
export const restoreRuns = (runs: string[]) => act<Done>('POST', 'restore', { runs })
export const saveView = (slug: string, said: ViewSaid) =>
  act<View>('PUT', `views/${part(slug)}`, said)
export const removeView = (slug: string) => act<null>('DELETE', `views/${part(slug)}`)
export const recordRate = (said: RateSaid) => act<Rate>('PUT', 'rate', said)
export const forgetRate = () => act<null>('DELETE', 'rate')
export const describeExperiment = (name: string, said: ExperimentSaid) =>
  act<ExperimentItem>('PUT', `experiments/${part(name)}`, said)
