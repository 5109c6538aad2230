import type { RunItem } from '../../live/shapes.gen'
import { isKnown } from '../../trace/picture'
import { ROOT } from '../../trace/picture.gen'
import { type Chosen, isSame } from '../chosen'
import { type Forest, loudness } from './forest'

export type Order = 'time' | 'slowest' | 'cost' | 'tokens'

/** A run in the tree: the one of the page, or a child run whose rows were loaded. */
export interface Branch {
  /** Null for the run of the page. */
  run: string | null
  forest: Forest
  /** When it began, on the clock of the page's run; NaN where nobody can tell. */
  offset_us: number
  hasEnded: boolean
  children: readonly ChildRun[]
}

/** A child run, as its parent knows it. */
export interface ChildRun {
  item: RunItem
  offset_us: number
  /** Its start was told by another clock than its parent's: whose. */
  clocks: string | null
  isOpen: boolean
  /** Null until its rows were loaded. */
  branch: Branch | null
  trouble: string | null
}

interface Row {
  branch: Branch
  depth: number
  /** For each level: whether a sibling follows below. */
  guides: boolean[]
  isOpen: boolean
  hasChildren: boolean
}

/** A thing; the rest of many siblings; a child run; or that its rows are not there yet. */
export type TreeRow =
  | (Row & { kind: 'thing'; thing: number })
  | (Row & { kind: 'more'; thing: number; rest: number[] })
  | (Row & { kind: 'run'; child: ChildRun })
  | (Row & { kind: 'wait'; child: ChildRun })

const MOST_SIBLINGS = 50
const FIRST_SIBLINGS = 8

/** Whether a thing is open; of `-thing - 1`, whether all of its many children are shown. */
export type IsOpen = (branch: Branch, thing: number) => boolean

/** How dear a branch is, in any unit that all branches share; NaN for unknown. */
export type Dear = (made: Forest, thing: number) => number

/** The rows that are open. Where siblings are many, the worst come first and the rest is a row. */
export function openRows(
  trunk: Branch,
  isOpen: IsOpen,
  order: Order,
  now_us: number,
  dear: Dear = (made, thing) => made.msat[thing],
): TreeRow[] {
  const rows: TreeRow[] = []
  thing(trunk, ROOT, 0, [], [])
  return rows

  function thing(branch: Branch, at: number, depth: number, guides: boolean[], path: string[]) {
    const hasChildren =
      kidsOf(branch.forest, at).length > 0 || runsUnder(branch, at, path).length > 0
    const open = hasChildren && isOpen(branch, at)
    rows.push({ kind: 'thing', branch, thing: at, depth, guides, isOpen: open, hasChildren })
    if (open) below(branch, at, depth, guides, path)
  }

  /** Its own things first, then the child runs that it began. */
  function below(branch: Branch, at: number, depth: number, guides: boolean[], path: string[]) {
    const { shown, rest } = siblings(branch, at, isOpen, order, now_us, dear)
    const runs = runsUnder(branch, at, path)
    const last = shown.length + (rest.length ? 1 : 0) + runs.length
    let n = 0
    const next = () => [...guides, ++n < last]
    for (const kid of shown) thing(branch, kid, depth + 1, next(), path)
    if (rest.length)
      rows.push({
        kind: 'more',
        branch,
        thing: at,
        depth: depth + 1,
        guides: next(),
        isOpen: false,
        hasChildren: true,
        rest,
      })
    for (const child of runs) run(branch, child, depth + 1, next(), path)
  }

  function run(parent: Branch, child: ChildRun, depth: number, guides: boolean[], path: string[]) {
    const { branch, isOpen } = child
    rows.push({ kind: 'run', branch: parent, child, depth, guides, isOpen, hasChildren: true })
    if (!isOpen) return
    if (branch) below(branch, ROOT, depth, guides, [...path, child.item.id])
    else
      rows.push({
        kind: 'wait',
        branch: parent,
        child,
        depth: depth + 1,
        guides: [...guides, false],
        isOpen: false,
        hasChildren: false,
      })
  }
}

export const kidsOf = ({ first, children }: Forest, at: number): Int32Array =>
  children.subarray(first[at], first[at + 1])

/** Child runs hang where they say, or on the root. One that is its own ancestor is left out. */
export function runsUnder(branch: Branch, at: number, path: readonly string[]): ChildRun[] {
  if (branch.children.length === 0) return []
  return branch.children.filter(
    (child) =>
      hangsOn(branch, child) === at &&
      child.item.id !== branch.run &&
      !path.includes(child.item.id),
  )
}

/** The thing that a child run says began it; the root, where that is not known. */
export function hangsOn({ forest }: Branch, { item }: ChildRun): number {
  const { picture } = forest
  const named = item.parent_id === null ? -1 : (picture.found.things.get(item.parent_id) ?? -1)
  return named >= 0 && isKnown(picture, named) ? named : ROOT
}

function siblings(
  branch: Branch,
  at: number,
  isOpen: IsOpen,
  order: Order,
  now_us: number,
  dear: Dear,
) {
  const kids = kidsOf(branch.forest, at)
  const isLong = kids.length > MOST_SIBLINGS
  const sorted = sortedBy(
    branch.forest,
    kids,
    isLong && order === 'time' ? 'worst' : order,
    Number.isNaN(branch.offset_us) ? now_us : now_us - branch.offset_us,
    dear,
  )
  if (!isLong || isOpen(branch, -at - 1)) return { shown: sorted, rest: [] }
  return { shown: sorted.slice(0, FIRST_SIBLINGS), rest: sorted.slice(FIRST_SIBLINGS) }
}

function sortedBy(
  made: Forest,
  kids: Int32Array,
  order: Order | 'worst',
  now_us: number,
  dear: Dear,
): number[] {
  const took = (thing: number) =>
    (Number.isNaN(made.end_us[thing]) ? now_us : made.end_us[thing]) - made.start_us[thing]
  const known = (value: number) => (Number.isNaN(value) ? -1 : value)
  const by: Record<Order | 'worst', (thing: number) => number> = {
    time: (thing) =>
      -(Number.isNaN(made.start_us[thing]) ? Number.MAX_VALUE : made.start_us[thing]),
    slowest: took,
    cost: (thing) => known(dear(made, thing)),
    tokens: (thing) => known(made.tokens[thing]),
    worst: (thing) => loudness(made.worst[thing]) * 1e15 + took(thing),
  }
  return Array.from(kids).sort((a, b) => by[order](b) - by[order](a) || a - b)
}

/** What is selected by a row; null where it only opens. */
export function chosenOf(row: TreeRow): Chosen | null {
  if (row.kind === 'thing') return { run: row.branch.run, thing: row.thing }
  return row.kind === 'run' ? { run: row.child.item.id, thing: ROOT } : null
}

/** The row of what is selected; -1 where nothing is, or where it is out of sight. */
export const placeOf = (rows: readonly TreeRow[], selected: Chosen | null): number =>
  selected === null ? -1 : rows.findIndex((row) => isSame(chosenOf(row), selected))
