import { barLabel } from './barName'
import { type BarKind, type Drawn, kindOf, type LookName } from './bars'
import { type Palette, wash } from './palette'

interface Place {
  x: number
  y: number
  w: number
  h: number
}

type Pen = CanvasRenderingContext2D

/** Below these a shape is not told from another. */
const LEAST_SHAPED_PX = 6
const LEAST_LABELLED_PX = 26
const LEAST_LETTERS_PX = 10

/** A child RLM, turn, cell, tool or child run: an outline of its own, its state by colour and edge. */
export function paintNode(
  pen: Pen,
  drawn: Drawn,
  bar: number,
  look: LookName,
  place: Place,
  palette: Palette,
): void {
  const colour = look === 'node' ? palette.ink['text-2'] : palette.fill[look]
  if (place.w < LEAST_SHAPED_PX || place.h < 5) {
    pen.fillStyle = look === 'later' ? colour : wash(colour, 0.75)
    pen.fillRect(place.x, place.y, place.w, place.h)
    return
  }
  const outline = outlineOf(kindOf(drawn.picture, bar), place)
  pen.fillStyle = wash(colour, 0.16)
  pen.fill(outline.area)
  pen.strokeStyle = colour
  pen.lineWidth = 1.25
  if (look === 'broken' || look === 'later') pen.setLineDash([5, 3])
  pen.stroke(outline.line)
  pen.setLineDash([])
  edge(pen, look, place, colour)
  if (look !== 'later') label(pen, barLabel(drawn, bar), outline.inset, place, palette)
}

/** What is filled, what is drawn around it, and where words may begin. */
interface Outline {
  area: Path2D
  line: Path2D
  inset: number
}

const OUTLINES: Record<BarKind, (place: Place) => Outline> = {
  attempt: boxed,
  cell: striped,
  rlm: bracketed,
  run: doubled,
  tool: pointed,
  turn: rounded,
}

const outlineOf = (kind: BarKind, place: Place): Outline => OUTLINES[kind](half(place))

/** Lines are sharp in the middle of a pixel. */
const half = ({ x, y, w, h }: Place): Place => ({ x: x + 0.6, y: y + 0.6, w: w - 1.2, h: h - 1.2 })

function box({ x, y, w, h }: Place): Path2D {
  const path = new Path2D()
  path.rect(x, y, w, h)
  return path
}

function boxed(place: Place): Outline {
  return { area: box(place), line: box(place), inset: 5 }
}

/** Code: a box with a margin. */
function striped(place: Place): Outline {
  const line = box(place)
  line.rect(place.x + 0.6, place.y, 1.6, place.h)
  return { area: box(place), line, inset: 7 }
}

/** A turn goes round. */
function rounded({ x, y, w, h }: Place): Outline {
  const path = new Path2D()
  path.roundRect(x, y, w, h, Math.min(h, w) / 2)
  return { area: path, line: path, inset: 8 }
}

/** A child RLM spans what is below it. */
function bracketed(place: Place): Outline {
  const { x, y, w, h } = place
  const line = new Path2D()
  line.moveTo(x, y + h)
  line.lineTo(x, y)
  line.lineTo(x + w, y)
  line.lineTo(x + w, y + h)
  return { area: box(place), line, inset: 5 }
}

/** A tool points in and out. */
function pointed({ x, y, w, h }: Place): Outline {
  const tip = Math.min(h / 2, w / 3)
  const path = new Path2D()
  path.moveTo(x + tip, y)
  path.lineTo(x + w - tip, y)
  path.lineTo(x + w, y + h / 2)
  path.lineTo(x + w - tip, y + h)
  path.lineTo(x + tip, y + h)
  path.lineTo(x, y + h / 2)
  path.closePath()
  return { area: path, line: path, inset: tip + 3 }
}

/** A child run is a page of its own. */
function doubled(place: Place): Outline {
  const { x, y, w, h } = place
  const line = box(place)
  if (h > 8) line.rect(x + 2, y + 2, w - 4, h - 4)
  return { area: box(place), line, inset: 7 }
}

/** What is open has a leading edge; what failed a notch, as attempts have. */
function edge(pen: Pen, look: LookName, { x, y, w, h }: Place, colour: string): void {
  pen.fillStyle = colour
  if (look === 'flight') pen.fillRect(x + w - 2, y, 2, h)
  if (look !== 'failed') return
  const wide = Math.min(10, w)
  pen.beginPath()
  pen.moveTo(x + w - wide, y)
  pen.lineTo(x + w, y)
  pen.lineTo(x + w - wide / 2, y + h / 2)
  pen.lineTo(x + w, y + h)
  pen.lineTo(x + w - wide, y + h)
  pen.fill()
}

function label(
  pen: Pen,
  text: string,
  inset: number,
  { x, y, w, h }: Place,
  { ink }: Palette,
): void {
  if (w < LEAST_LABELLED_PX || h < LEAST_LETTERS_PX) return
  pen.save()
  pen.beginPath()
  pen.rect(x, y, w - 4, h)
  pen.clip()
  pen.font = `500 10.5px ${ink.m}`
  pen.textBaseline = 'middle'
  pen.fillStyle = ink.text
  pen.fillText(text, x + inset, y + h / 2 + 0.5)
  pen.restore()
}
