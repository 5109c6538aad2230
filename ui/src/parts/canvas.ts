import { useEffect, useLayoutEffect, useRef, useState } from 'react'

/** The colours and typefaces of the page, for those who paint. */
export type Ink = Record<
  | 'bg'
  | 'panel'
  | 'inset'
  | 'line'
  | 'line-2'
  | 'line-3'
  | 'text'
  | 'text-2'
  | 'text-3'
  | 'accent'
  | 'accent-ink'
  | 'ok'
  | 'ok-1'
  | 'run'
  | 'slow'
  | 'fail'
  | 'verify'
  | 'idle'
  | 'select'
  | 'f'
  | 'm',
  string
>

const NAMES = [
  'bg',
  'panel',
  'inset',
  'line',
  'line-2',
  'line-3',
  'text',
  'text-2',
  'text-3',
  'accent',
  'accent-ink',
  'ok',
  'ok-1',
  'run',
  'slow',
  'fail',
  'verify',
  'idle',
  'select',
  'f',
  'm',
] as const

export function inkOf(element: Element): Ink {
  const computed = getComputedStyle(element)
  return Object.fromEntries(
    NAMES.map((name) => [name, computed.getPropertyValue(`--${name}`).trim()]),
  ) as Ink
}

/** A colour with an alpha, as canvas wants it. */
export function faint(hex: string, alpha: number): string {
  const n = Number.parseInt(hex.slice(1), 16)
  return `rgba(${n >> 16},${(n >> 8) & 255},${n & 255},${alpha})`
}

/** Diagonal lines: timed out, or lost. */
export function hatch(on: CanvasRenderingContext2D, colour: string): CanvasPattern | string {
  const tile = document.createElement('canvas')
  tile.width = 6
  tile.height = 6
  const pen = tile.getContext('2d')
  if (!pen) return colour
  pen.strokeStyle = colour
  pen.lineWidth = 1.6
  pen.beginPath()
  pen.moveTo(-1, 4)
  pen.lineTo(4, -1)
  pen.moveTo(2, 7)
  pen.lineTo(7, 2)
  pen.stroke()
  return on.createPattern(tile, 'repeat') ?? colour
}

const PRINTED_RATIO = 3

/**
 * Fits the canvas to its box at the pixel ratio of the screen; what to paint with. It covers whole
 * pixels: one that is half a pixel larger than what it shows is scaled anew in every frame.
 */
export function fitted(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  isOpaque = false,
): CanvasRenderingContext2D | null {
  // What is to be printed is drawn as fine as a printer prints.
  const least = document.documentElement.dataset.view === 'report' ? PRINTED_RATIO : 1
  const ratio = Math.max(least, devicePixelRatio || 1)
  const w = Math.floor(width * ratio)
  const h = Math.floor(height * ratio)
  if (canvas.width !== w) canvas.width = w
  if (canvas.height !== h) canvas.height = h
  canvas.style.width = `${w / ratio}px`
  canvas.style.height = `${h / ratio}px`
  const pen = canvas.getContext('2d', { alpha: !isOpaque })
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0)
  return pen
}

export interface Size {
  width: number
  height: number
}

/** The size of an element, followed. */
export function useSize<T extends Element>(): [React.RefObject<T | null>, Size] {
  const box = useRef<T>(null)
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    const look = () => {
      const { width, height } = element.getBoundingClientRect()
      setSize((was) => (was.width === width && was.height === height ? was : { width, height }))
    }
    look()
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [box, size]
}

/** A number that changes with the theme, so that what was painted is painted again. */
export function useThemeTurn(): number {
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const again = () => setTurn((n) => n + 1)
    const observer = new MutationObserver(again)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    document.fonts.ready.then(again)
    return () => observer.disconnect()
  }, [])
  return turn
}
