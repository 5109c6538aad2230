import type { Picture } from '../../trace/picture'
import { barEnd, barStart, type Drawn } from './bars'

/** The run as the timeline is told of it, each frame. */
export interface Moment extends Drawn {
  /** In a replay the picture as it stood there; what is drawn is the whole, outlined after that. */
  past?: Picture
  /** Grows whenever the picture did. */
  version: number
  now_us: number
  hasEnded: boolean
  isLive: boolean
  isReplay: boolean
}

/** The same with nothing in it that was told after its moment. */
export const toldIn = (moment: Moment): Moment =>
  moment.past ? { ...moment, picture: moment.past } : moment

/** Whether a bar began by its moment; outside a replay all did. */
export const hasBegun = (moment: Moment, bar: number): boolean =>
  !moment.isReplay || barStart(moment, bar) <= moment.now_us

/** When a bar ended, by its moment; NaN where it had not. */
export function endBy(moment: Moment, bar: number): number {
  const ended = barEnd(moment, bar)
  return moment.isReplay && ended > moment.now_us ? Number.NaN : ended
}
