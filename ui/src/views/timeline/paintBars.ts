import { type Drawn, isAttempt, isInferred, LOOKS } from './bars'
import type { Layout } from './layout'
import { OVERVIEW_PX, RULER_PX } from './layout'
import { paintNode } from './paintNodes'
import { type Palette, type Pixels, wash } from './palette'

/** Above this many, or in rows this low, pixels are written instead of rectangles. */
const MOST_RECTS = 8000
const LOW_ROW_PX = 3.2
const MANY_PIXELS = 24

export function paintBars(
  pen: CanvasRenderingContext2D,
  drawn: Drawn,
  made: Layout,
  palette: Palette,
): void {
  if (made.rects.count > MOST_RECTS || made.rowHeight <= LOW_ROW_PX) paintPixels(pen, made, palette)
  else paintRects(pen, drawn, made, palette)
}

const LOUD = new Set(
  ['flight', 'verifying', 'timeout', 'failed', 'cancelled', 'lost', 'broken', 'later'].map((name) =>
    LOOKS.indexOf(name as never),
  ),
)

/** Quiet ones first, one colour after the other; then each loud one, and what is no attempt, in its own shape. */
function paintRects(
  pen: CanvasRenderingContext2D,
  drawn: Drawn,
  made: Layout,
  palette: Palette,
): void {
  const { count, x, y, w, look, bar } = made.rects
  const h = made.barHeight
  LOOKS.forEach((name, n) => {
    if (LOUD.has(n)) return
    pen.fillStyle = palette.fill[name]
    for (let i = 0; i < count; i += 1)
      if (look[i] === n && isAttempt(bar[i])) pen.fillRect(x[i], y[i], w[i], h)
  })
  for (let i = 0; i < count; i += 1) {
    const name = LOOKS[look[i]]
    if (!isAttempt(bar[i])) {
      const place = { x: x[i], y: y[i], w: w[i], h }
      paintNode(pen, drawn, bar[i], name, place, palette)
    } else if (LOUD.has(look[i])) SHAPES[name]?.(pen, x[i], y[i], w[i], h, palette)
  }
  pen.fillStyle = palette.ink.inset
  for (let i = 0; i < count; i += 1)
    if (w[i] > 3 * FRAY_PX && isInferred(drawn, bar[i])) frayed(pen, x[i], y[i], w[i], h)
}

const FRAY_PX = 3

/** Times that were guessed have no sharp edge. */
function frayed(pen: CanvasRenderingContext2D, x: number, y: number, w: number, h: number): void {
  for (let at = 0; at < h; at += 2 * FRAY_PX) {
    pen.fillRect(x - 0.5, y + at, FRAY_PX, FRAY_PX)
    pen.fillRect(x + w - FRAY_PX + 0.5, y + at + FRAY_PX, FRAY_PX, Math.min(FRAY_PX, h - at))
  }
}

type Shape = (
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  palette: Palette,
) => void

const flight =
  (colour: (palette: Palette) => string): Shape =>
  (pen, x, y, w, h, palette) => {
    const fill = pen.createLinearGradient(x, 0, x + w, 0)
    fill.addColorStop(0, wash(colour(palette), 0.22))
    fill.addColorStop(1, wash(colour(palette), 0.8))
    pen.fillStyle = fill
    pen.fillRect(x, y, w, h)
    pen.fillStyle = colour(palette)
    pen.fillRect(x + w - 2, y, 2, h)
  }

const hatched =
  (which: 'slow' | 'idle', colour: (palette: Palette) => string): Shape =>
  (pen, x, y, w, h, palette) => {
    pen.fillStyle = wash(colour(palette), 0.2)
    pen.fillRect(x, y, w, h)
    if (h > 3) pen.fillStyle = palette.hatches[which]
    else pen.fillStyle = colour(palette)
    pen.fillRect(x, y, w, h)
    outline(pen, x, y, w, h, colour(palette))
  }

function outline(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  colour: string,
): void {
  pen.strokeStyle = colour
  pen.lineWidth = 1
  pen.strokeRect(x + 0.5, y + 0.5, Math.max(0.5, w - 1), Math.max(0.5, h - 1))
}

const notched: Shape = (pen, x, y, w, h, palette) => {
  const notch = Math.min(5, w * 0.4)
  pen.fillStyle = palette.fill.failed
  pen.beginPath()
  pen.moveTo(x, y)
  pen.lineTo(x + w, y)
  pen.lineTo(x + w - notch, y + h / 2)
  pen.lineTo(x + w, y + h)
  pen.lineTo(x, y + h)
  pen.fill()
}

const broken: Shape = (pen, x, y, w, h, palette) => {
  pen.strokeStyle = palette.fill.broken
  pen.lineWidth = 1.5
  pen.setLineDash([6, 3])
  pen.beginPath()
  pen.moveTo(x, y + h / 2)
  pen.lineTo(x + w, y + h / 2)
  pen.stroke()
  pen.setLineDash([])
}

const SHAPES: Partial<Record<(typeof LOOKS)[number], Shape>> = {
  flight: flight((palette) => palette.fill.flight),
  verifying: flight((palette) => palette.fill.verifying),
  timeout: hatched('slow', (palette) => palette.fill.timeout),
  failed: notched,
  cancelled: (pen, x, y, w, h, palette) => outline(pen, x, y, w, h, palette.fill.cancelled),
  lost: (pen, x, y, w, h, palette) => outline(pen, x, y, w, h, palette.fill.lost),
  later: (pen, x, y, w, h, palette) => outline(pen, x, y, w, h, palette.fill.later),
  broken,
}

/** The same bars as pixels of the screen: their cost does not grow with their number. */
function paintPixels(pen: CanvasRenderingContext2D, made: Layout, palette: Palette): void {
  const ratio = pen.getTransform().a
  const top = OVERVIEW_PX + RULER_PX
  const left = Math.round(made.box.gutter * ratio)
  const width = Math.round(made.box.width * ratio) - left
  const from = Math.round(top * ratio)
  const height = Math.round((made.box.height - made.box.bands) * ratio) - from
  if (width <= 0 || height <= 0) return
  const { image, pixels } = blank(palette, width, height)
  const { count, x, y, w, look } = made.rects
  const tall = Math.max(1, Math.floor(made.barHeight * ratio))
  for (let i = 0; i < count; i += 1) {
    const x0 = Math.max(0, Math.round(x[i] * ratio) - left)
    const x1 = Math.min(width, Math.max(x0 + 1, Math.round((x[i] + w[i]) * ratio) - left))
    const y0 = Math.round(y[i] * ratio) - from
    fill(pixels, width, height, x0, x1, y0, tall, palette.pixel[look[i]])
  }
  // By way of another canvas, so that what is empty stays see-through and nothing is read back.
  palette.sheet.getContext('2d')?.putImageData(image, 0, 0)
  pen.drawImage(palette.sheet, made.box.gutter, top, width / ratio, height / ratio)
}

function fill(
  pixels: Uint32Array,
  width: number,
  height: number,
  x0: number,
  x1: number,
  y0: number,
  tall: number,
  colour: number,
): void {
  const last = Math.min(height, y0 + tall)
  for (let row = Math.max(0, y0); row < last; row += 1) {
    const from = row * width + x0
    const to = row * width + x1
    // A call costs more than a few pixels do.
    if (x1 - x0 > MANY_PIXELS) pixels.fill(colour, from, to)
    else for (let at = from; at < to; at += 1) pixels[at] = colour
  }
}

/** Pixels of which none is painted; the same ones in each frame, for as long as the size stays. */
function blank(palette: Palette, width: number, height: number): Pixels {
  const { sheet } = palette
  if (palette.pixels && sheet.width === width && sheet.height === height) {
    palette.pixels.pixels.fill(0)
    return palette.pixels
  }
  sheet.width = width
  sheet.height = height
  const image = new ImageData(width, height)
  palette.pixels = { image, pixels: new Uint32Array(image.data.buffer) }
  return palette.pixels
}
