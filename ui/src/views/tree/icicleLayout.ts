import { ROOT } from '../../trace/picture.gen'
import type { Forest } from './forest'

export type Measure = 'time' | 'cost' | 'tokens'

export interface IcicleBox {
  thing: number
  depth: number
  x: number
  w: number
  amount: number
}

/** Boxes of at least `least` wide; each branch as wide as its share of its parent. */
export function icicle(
  forest: Forest,
  size: Measure,
  now_us: number,
  width: number,
  least: number,
  costs: Float64Array = forest.msat,
): IcicleBox[] {
  const amounts = amountsOf(forest, size, now_us, costs)
  const boxes: IcicleBox[] = []
  const stack: IcicleBox[] = [{ thing: ROOT, depth: 0, x: 0, w: width, amount: amounts[ROOT] }]
  while (stack.length > 0) {
    const box = stack.pop() as IcicleBox
    boxes.push(box)
    const kids = Array.from(
      forest.children.subarray(forest.first[box.thing], forest.first[box.thing + 1]),
    )
    const total = Math.max(
      box.amount,
      kids.reduce((sum, kid) => sum + amounts[kid], 0),
    )
    if (!(total > 0)) continue
    let x = box.x
    for (const kid of kids.sort((a, b) => amounts[b] - amounts[a])) {
      const w = (amounts[kid] / total) * box.w
      if (w < least) break
      stack.push({ thing: kid, depth: box.depth + 1, x, w, amount: amounts[kid] })
      x += w
    }
  }
  return boxes
}

/** Cost and tokens are sums of branches already; time is what each took, and what its children took. */
function amountsOf(
  forest: Forest,
  size: Measure,
  now_us: number,
  costs: Float64Array,
): Float64Array {
  if (size !== 'time')
    return (size === 'cost' ? costs : forest.tokens).map((value) =>
      Number.isNaN(value) ? 0 : value,
    )
  const own = forest.start_us.map((start, thing) => {
    const end = Number.isNaN(forest.end_us[thing]) ? now_us : forest.end_us[thing]
    return Number.isNaN(start) ? 0 : Math.max(0, end - start)
  })
  return own
}
