import { ROOT } from '../../trace/picture.gen'
import { type Chosen, isSame } from '../chosen'
import type { Forest } from './forest'
import { type Branch, type ChildRun, kidsOf, runsUnder } from './rows'

export type Measure = 'time' | 'cost' | 'tokens'

/** How large something is; zero where nobody knows. */
export interface Amounts {
  ofThings: (branch: Branch) => Float64Array
  ofRun: (child: ChildRun) => number
}

export interface IcicleBox {
  branch: Branch
  /** Row of Things; of a child run the root of its own. */
  thing: number
  /** The child run that the box stands for; null for a thing. */
  child: ChildRun | null
  depth: number
  x: number
  w: number
  amount: number
  /** The child runs that it lies in. */
  path: readonly string[]
}

type Kid = Pick<IcicleBox, 'branch' | 'thing' | 'child' | 'amount' | 'path'>

/** Boxes of at least `least` wide; each branch as wide as its share of its parent. */
export function icicle(trunk: Branch, sizes: Amounts, width: number, least: number): IcicleBox[] {
  const amount = sizes.ofThings(trunk)[ROOT]
  const root = { branch: trunk, thing: ROOT, child: null, path: [], amount }
  const stack: IcicleBox[] = [{ ...root, depth: 0, x: 0, w: width }]
  const boxes: IcicleBox[] = []
  while (stack.length > 0) {
    const box = stack.pop() as IcicleBox
    boxes.push(box)
    const kids = below(box, sizes).sort((a, b) => b.amount - a.amount)
    const total = Math.max(
      box.amount,
      kids.reduce((sum, kid) => sum + kid.amount, 0),
    )
    if (!(total > 0)) continue
    let x = box.x
    for (const kid of kids) {
      const w = (kid.amount / total) * box.w
      if (w < least) break
      stack.push({ ...kid, depth: box.depth + 1, x, w })
      x += w
    }
  }
  return boxes
}

/** Its own things, and the child runs that it began; of a child run what is loaded of it. */
function below({ branch: outer, thing, child, path }: IcicleBox, sizes: Amounts): Kid[] {
  const branch = child ? child.branch : outer
  if (branch === null) return []
  const amounts = sizes.ofThings(branch)
  const inside = child ? [...path, child.item.id] : path
  const things = Array.from(kidsOf(branch.forest, thing), (kid) => ({
    branch,
    thing: kid,
    child: null,
    amount: amounts[kid],
    path: inside,
  }))
  const runs = runsUnder(branch, thing, inside).map((run) => ({
    branch,
    thing: ROOT,
    child: run,
    amount: sizes.ofRun(run),
    path: inside,
  }))
  return [...things, ...runs]
}

export const chosenOf = ({ branch, thing, child }: IcicleBox): Chosen => ({
  run: child ? child.item.id : branch.run,
  thing,
})

export const isChosen = (box: IcicleBox, selected: Chosen | null): boolean =>
  isSame(chosenOf(box), selected)

/** What a column says of each thing, as an amount. */
export const orZero = (column: Float64Array): Float64Array =>
  column.map((value) => (Number.isNaN(value) ? 0 : value))

/** What each thing took; what is open goes on until now, on the clock of its run. */
export function tookOf(forest: Forest, now_us: number): Float64Array {
  return forest.start_us.map((start, thing) => {
    const end = Number.isNaN(forest.end_us[thing]) ? now_us : forest.end_us[thing]
    return Number.isNaN(start) ? 0 : Math.max(0, end - start)
  })
}
