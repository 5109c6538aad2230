import { useCallback, useMemo } from 'react'
import type { Size } from '../../parts/canvas'
import { say } from '../../parts/money'
import { duration, spoken } from '../../parts/numbers'
import { Picture } from '../../parts/Picture'
import { usePreferences, useRate } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { ROOT } from '../../trace/picture.gen'
import type { Chosen } from '../chosen'
import { chosenOf, icicle, type Measure } from './icicleLayout'
import { type Sizes, sizesOf } from './icicleSizes'
import { paintIcicle, ROW_PX, UNIT } from './paintIcicle'
import style from './RecursionTree.module.css'
import type { Branch } from './rows'

interface Props {
  trunk: Branch
  size: Measure
  onSize: (size: Measure) => void
  now_us: number
  selected: Chosen | null
  onSelect: (chosen: Chosen) => void
}

const SIZES = [
  { value: 'time', label: 'Time' },
  { value: 'cost', label: 'Cost' },
  { value: 'tokens', label: 'Tokens' },
] as const

/** The same tree as areas: as wide as it took, cost or said. Child runs are loaded when chosen. */
export function Icicle({ trunk, size, onSize, now_us, selected, onSelect }: Props) {
  const first = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  const sizes = useMemo(
    () => sizesOf(trunk, size, now_us, first, rate),
    [trunk, size, now_us, first, rate],
  )
  const boxes = useMemo(() => icicle(trunk, sizes, UNIT, UNIT / 1600), [trunk, sizes])
  const paint = useCallback(
    (...on: Canvas) => paintIcicle(...on, { boxes, selected, told: sayer(size, sizes) }),
    [boxes, selected, size, sizes],
  )
  const pick = (x: number, y: number, { width }: Size) => {
    const at = (x / (width || 1)) * UNIT
    const depth = Math.floor(y / ROW_PX)
    const hit = boxes.find((one) => one.depth === depth && at >= one.x && at < one.x + one.w)
    if (hit) onSelect(chosenOf(hit))
  }
  return (
    <>
      <div className={style.measure}>
        <Segmented label="What the width says" value={size} options={SIZES} onChange={onSize} />
      </div>
      <Picture
        paint={paint}
        label={`Icicle of ${saidOf(trunk)}; the tree has the same as words`}
        onPick={pick}
        className={style.icicle}
      />
    </>
  )
}

type Canvas = Parameters<React.ComponentProps<typeof Picture>['paint']>

function saidOf({ forest, children }: Branch): string {
  const calls = `${forest.size[ROOT]} calls`
  if (children.length === 0) return calls
  return `${calls} and ${children.length} child ${children.length === 1 ? 'run' : 'runs'}`
}

function sayer(size: Measure, { currency, isAbout }: Sizes): (amount: number) => string {
  if (size === 'cost') return (amount) => `${isAbout ? '≈ ' : ''}${spoken(say(currency, amount))}`
  return (amount) => (size === 'time' ? spoken(duration(amount / 1000)) : `${amount} tokens`)
}
