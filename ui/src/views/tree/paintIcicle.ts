import type { RunItem } from '../../live/shapes.gen'
import type { Ink, Size } from '../../parts/canvas'
import { CANCELLED, FAILED, RETURNED, ROOT, RUNNING, TIMEOUT } from '../../trace/picture.gen'
import type { Chosen } from '../chosen'
import { titleOf } from '../runTitle'
import { nameOf } from './forest'
import { type IcicleBox, isChosen } from './icicleLayout'

export const ROW_PX = 24
/** Boxes lie on a width of so much. */
export const UNIT = 10_000
const LEAST_WORDED_PX = 60

interface Scene {
  boxes: readonly IcicleBox[]
  selected: Chosen | null
  told: (amount: number) => string
}

/** Boxes in the colour of their worst; a child run has a line along its top, as a page of its own. */
export function paintIcicle(
  pen: CanvasRenderingContext2D,
  { width, height }: Size,
  ink: Ink,
  { boxes, selected, told }: Scene,
): void {
  pen.textBaseline = 'middle'
  for (const box of boxes) {
    const [x, w, y] = [(box.x / UNIT) * width, (box.w / UNIT) * width, box.depth * ROW_PX]
    if (y > height) continue
    const fill = colourOf(box, ink)
    pen.fillStyle = fill ?? ink['line-2']
    pen.fillRect(x + 0.5, y + 1, Math.max(0.75, w - 1), ROW_PX - 2)
    if (box.child) {
      pen.fillStyle = ink.text
      pen.fillRect(x + 0.5, y + 1, Math.max(0.75, w - 1), 2)
    }
    if (isChosen(box, selected)) {
      pen.strokeStyle = ink.text
      pen.lineWidth = 2
      pen.strokeRect(x + 1, y + 2, Math.max(1, w - 2), ROW_PX - 4)
    }
    if (w <= LEAST_WORDED_PX) continue
    pen.font = `${box.child ? 500 : 400} 11px ${ink.m}`
    pen.fillStyle = fill ? ink.bg : ink.text
    words(pen, `${titleOfBox(box)}  ${told(box.amount)}`, x, y, w)
  }
}

const RUN_STATES: Partial<Record<RunItem['status'], number>> = {
  running: RUNNING,
  completed: RETURNED,
  failed: FAILED,
  cancelled: CANCELLED,
}

function colourOf({ branch, thing, child }: IcicleBox, ink: Ink): string | undefined {
  const colours: Record<number, string> = {
    [RUNNING]: ink.run,
    [RETURNED]: ink['ok-1'],
    [FAILED]: ink.fail,
    [TIMEOUT]: ink.slow,
    [CANCELLED]: ink.idle,
  }
  if (child) return colours[RUN_STATES[child.item.status] ?? -1]
  return thing === ROOT ? undefined : colours[branch.forest.worst[thing]]
}

function titleOfBox({ branch, thing, child }: IcicleBox): string {
  if (!child) return nameOf(branch.forest.picture, thing)
  return `${child.clocks ? '≈ ' : ''}run ${titleOf(child.item)}`
}

function words(pen: CanvasRenderingContext2D, text: string, x: number, y: number, w: number): void {
  pen.save()
  pen.beginPath()
  pen.rect(x, y, w - 4, ROW_PX)
  pen.clip()
  pen.fillText(text, x + 6, y + ROW_PX / 2 + 0.5)
  pen.restore()
}
