import { faint, hatch, type Ink } from '../../parts/canvas'
import { LOOKS, type LookName } from './bars'

/** The same pixels: as an image, and four bytes at a time. */
export interface Pixels {
  image: ImageData
  pixels: Uint32Array
}

/** What a look is painted with where bars are thin: one colour each, packed as ABGR for pixels. */
export interface Palette {
  ink: Ink
  fill: Record<LookName, string>
  pixel: Uint32Array
  /** Where pixels are written before they are laid over the picture. */
  sheet: HTMLCanvasElement
  pixels: Pixels | null
  hatches: { slow: CanvasPattern | string; idle: CanvasPattern | string }
}

export function paletteOf(pen: CanvasRenderingContext2D, ink: Ink): Palette {
  const fill: Record<LookName, string> = {
    later: ink['line-2'],
    node: ink['text-3'],
    returned: ink['ok-1'],
    deep: ink.ok,
    root: ink['text-2'],
    cancelled: ink.idle,
    lost: ink.idle,
    verified: ink.verify,
    verifying: ink.verify,
    flight: ink.run,
    broken: ink.idle,
    timeout: ink.slow,
    failed: ink.fail,
  }
  return {
    ink,
    fill,
    pixel: Uint32Array.from(LOOKS, (name) => packed(fill[name])),
    sheet: document.createElement('canvas'),
    pixels: null,
    hatches: { slow: hatch(pen, ink.slow), idle: hatch(pen, ink.idle) },
  }
}

/** `#rrggbb` as the four bytes of a pixel on a little-endian machine. */
export function packed(hex: string): number {
  const n = Number.parseInt(hex.slice(1), 16)
  return (0xff000000 | ((n & 255) << 16) | (n & 0xff00) | (n >> 16)) >>> 0
}

export const wash = (hex: string, alpha: number): string => faint(hex, alpha)
