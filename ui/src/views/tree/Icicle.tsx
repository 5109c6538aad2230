import { useCallback, useMemo } from 'react'
import type { Ink, Size } from '../../parts/canvas'
import { say } from '../../parts/money'
import { duration, spoken } from '../../parts/numbers'
import { Picture } from '../../parts/Picture'
import { usePreferences, useRate } from '../../parts/preferences'
import { Segmented } from '../../parts/Segmented'
import { CANCELLED, FAILED, RETURNED, ROOT, RUNNING, TIMEOUT } from '../../trace/picture.gen'
import { type Costs, costsOf } from './costs'
import type { Forest } from './forest'
import { type IcicleBox, icicle, type Measure } from './icicleLayout'
import style from './RecursionTree.module.css'

interface Props {
  forest: Forest
  size: Measure
  onSize: (size: Measure) => void
  now_us: number
  selected: number
  onSelect: (thing: number) => void
}

const ROW_PX = 24
const UNIT = 10_000

/** The same tree as areas: as wide as it took, cost or said. */
export function Icicle({ forest, size, onSize, now_us, selected, onSelect }: Props) {
  const costs = useCosts(forest, size === 'cost')
  const boxes = useMemo(
    () => icicle(forest, size, now_us, UNIT, UNIT / 1600, costs?.amounts),
    [forest, size, now_us, costs],
  )
  const paint = useCallback(
    (pen: CanvasRenderingContext2D, box: Size, ink: Ink) =>
      paintIcicle(pen, box, ink, forest, boxes, selected, sayer(size, costs)),
    [forest, boxes, selected, size, costs],
  )
  const pick = (x: number, y: number, wide: number) => {
    const at = (x / wide) * UNIT
    const hit = boxes.find(
      (box) => box.depth === Math.floor(y / ROW_PX) && at >= box.x && at < box.x + box.w,
    )
    if (hit) onSelect(hit.thing)
  }
  return (
    <>
      <div className={style.measure}>
        <Segmented
          label="What the width says"
          value={size}
          options={[
            { value: 'time', label: 'Time' },
            { value: 'cost', label: 'Cost' },
            { value: 'tokens', label: 'Tokens' },
          ]}
          onChange={onSize}
        />
      </div>
      <Picture
        paint={paint}
        label={`Icicle of ${forest.size[ROOT]} calls; the tree has the same as words`}
        onPick={(x, y) => pick(x, y, document.querySelector(`.${style.icicle}`)?.clientWidth ?? 1)}
        className={style.icicle}
      />
    </>
  )
}

/** What each branch cost; null where that is not asked. */
function useCosts(forest: Forest, isAsked: boolean): Costs | null {
  const first = usePreferences((preferences) => preferences.currency)
  const { rate } = useRate()
  return useMemo(
    () => (isAsked ? costsOf(forest, first, rate) : null),
    [forest, isAsked, first, rate],
  )
}

type Say = (amount: number) => string

function sayer(size: Measure, costs: Costs | null): Say {
  if (costs) return (amount) => `${costs.isAbout ? '≈ ' : ''}${spoken(say(costs.currency, amount))}`
  return (amount) => (size === 'time' ? spoken(duration(amount / 1000)) : `${amount} tokens`)
}

function paintIcicle(
  pen: CanvasRenderingContext2D,
  { width, height }: Size,
  ink: Ink,
  forest: Forest,
  boxes: readonly IcicleBox[],
  selected: number,
  told: Say,
): void {
  const colours: Record<number, string> = {
    [RUNNING]: ink.run,
    [RETURNED]: ink['ok-1'],
    [FAILED]: ink.fail,
    [TIMEOUT]: ink.slow,
    [CANCELLED]: ink.idle,
  }
  pen.textBaseline = 'middle'
  pen.font = `400 11px ${ink.m}`
  for (const box of boxes) {
    const x = (box.x / UNIT) * width
    const w = (box.w / UNIT) * width
    const y = box.depth * ROW_PX
    if (y > height) continue
    pen.fillStyle =
      box.thing === ROOT ? ink['line-2'] : (colours[forest.worst[box.thing]] ?? ink['line-2'])
    pen.fillRect(x + 0.5, y + 1, Math.max(0.75, w - 1), ROW_PX - 2)
    if (box.thing === selected) {
      pen.strokeStyle = ink.text
      pen.lineWidth = 2
      pen.strokeRect(x + 1, y + 2, Math.max(1, w - 2), ROW_PX - 4)
    }
    if (w > 60) label(pen, ink, forest, box, x, y, w, told)
  }
}

function label(
  pen: CanvasRenderingContext2D,
  ink: Ink,
  forest: Forest,
  box: IcicleBox,
  x: number,
  y: number,
  w: number,
  told: Say,
): void {
  pen.save()
  pen.beginPath()
  pen.rect(x, y, w - 4, ROW_PX)
  pen.clip()
  pen.fillStyle = box.thing === ROOT ? ink.text : ink.bg
  pen.fillText(
    `${forest.picture.things.id[box.thing]}  ${told(box.amount)}`,
    x + 6,
    y + ROW_PX / 2 + 0.5,
  )
  pen.restore()
}
