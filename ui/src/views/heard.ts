import type { Picture } from '../trace/picture'
import { ROOT, TURN } from '../trace/picture.gen'

/** Of each thing, 1 or 0: whether it had been told of by a moment, and whether at least named. */
export interface Heard {
  told: Uint8Array
  known: Uint8Array
}

export function heardBy(picture: Picture, at_us: number): Heard {
  const told = new Uint8Array(picture.things.rows)
  ofQueries(picture, at_us, told)
  ofNodes(picture, at_us, told)
  const known = told.slice()
  known[ROOT] = 1
  for (const table of [picture.checks, picture.scores])
    for (let row = 0; row < table.rows; row += 1)
      if (table.at_us[row] <= at_us && table.thing[row] > ROOT) known[table.thing[row]] = 1
  nameParents(picture, at_us, known)
  return { told, known }
}

function ofQueries({ queries, attempts }: Picture, at_us: number, told: Uint8Array): void {
  for (let row = 0; row < queries.rows; row += 1)
    if (queries.submitted_us[row] <= at_us) told[queries.thing[row]] = 1
  const { started_us, ended_us, reserved_us, settled_us } = attempts
  for (let row = 0; row < attempts.rows; row += 1) {
    if (
      started_us[row] <= at_us ||
      ended_us[row] <= at_us ||
      reserved_us[row] <= at_us ||
      settled_us[row] <= at_us
    )
      told[queries.thing[attempts.query[row]]] = 1
  }
}

function ofNodes({ nodes }: Picture, at_us: number, told: Uint8Array): void {
  for (let row = 0; row < nodes.rows; row += 1)
    if (nodes.started_us[row] <= at_us || nodes.ended_us[row] <= at_us) told[nodes.thing[row]] = 1
}

/** What began names its parent, whether or not that was told of. */
function nameParents(picture: Picture, at_us: number, known: Uint8Array): void {
  const { queries, nodes } = picture
  for (let row = 0; row < queries.rows; row += 1)
    if (queries.submitted_us[row] <= at_us && queries.parent[row] >= 0)
      known[queries.parent[row]] = 1
  for (let row = 0; row < nodes.rows; row += 1)
    if (namesParent(picture, row, at_us) && nodes.parent[row] >= 0) known[nodes.parent[row]] = 1
}

/** Whether it was known by then where a node hangs: its beginning tells, of a turn its end, too. */
export const namesParent = ({ nodes }: Picture, row: number, at_us: number): boolean =>
  nodes.started_us[row] <= at_us || (nodes.kind[row] === TURN && nodes.ended_us[row] <= at_us)
