import { isKnown, type Picture } from '../trace/picture'
import { CELL, RETURNED, RLM, RUNNING, SUBMITTED, TOOL, TURN } from '../trace/picture.gen'

/** Of one kind of call: how many there are, and how they stand. */
export interface Calls {
  name: 'Model calls' | 'Child RLMs' | 'Turns' | 'Code cells' | 'Tools'
  all: number
  returned: number
  open: number
  /** Failed, timed out or cancelled. */
  other: number
}

const NODES = [
  ['Tools', TOOL],
  ['Code cells', CELL],
  ['Turns', TURN],
  ['Child RLMs', RLM],
] as const

/** What a run did that asked no sub-queries: its own calls of models, then its tools, code and turns. */
export function callsOf(picture: Picture): Calls[] {
  const { queries, nodes } = picture
  const asked = counted('Model calls')
  for (let row = 0; row < queries.rows; row += 1)
    if (isKnown(picture, queries.thing[row])) count(asked, queries.state[row])
  const kinds = NODES.map(([name]) => counted(name))
  for (let row = 0; row < nodes.rows; row += 1) {
    const at = NODES.findIndex(([, kind]) => kind === nodes.kind[row])
    if (at >= 0 && isKnown(picture, nodes.thing[row])) count(kinds[at], nodes.state[row])
  }
  return [asked, ...kinds].filter(({ all }) => all > 0)
}

const counted = (name: Calls['name']): Calls => ({ name, all: 0, returned: 0, open: 0, other: 0 })

function count(calls: Calls, state: number): void {
  calls.all += 1
  if (state === RETURNED) calls.returned += 1
  else if (state === RUNNING || state === SUBMITTED) calls.open += 1
  else calls.other += 1
}
