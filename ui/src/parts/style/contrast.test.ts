import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')
const [dark, light] = [...css.matchAll(/\{([^}]*)\}/g)].map(([, body]) =>
  Object.fromEntries(
    [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  ),
)

const GROUNDS = ['bg', 'panel', 'raised', 'inset', 'hover']
const TEXTS = [
  'text',
  'text-2',
  'text-3',
  'accent',
  'ok-t',
  'run-t',
  'slow-t',
  'fail-t',
  'verify-t',
  'idle-t',
]
const SHAPES = ['line-3', 'accent', 'ok', 'ok-1', 'run', 'slow', 'fail', 'verify', 'idle']

describe.each([
  ['dark', dark],
  ['light', light],
])('in the %s theme', (_, tokens) => {
  test.each(TEXTS)('%s can be read on every ground', (text) => {
    for (const ground of GROUNDS)
      expect(contrast(tokens[text], tokens[ground])).toBeGreaterThanOrEqual(4.5)
  })

  test.each(SHAPES)('%s can be told from what it is drawn on', (shape) => {
    for (const ground of ['panel', 'inset'])
      expect(contrast(tokens[shape], tokens[ground])).toBeGreaterThanOrEqual(3)
  })

  test('words on the accent can be read', () => {
    expect(contrast(tokens['accent-ink'], tokens.accent)).toBeGreaterThanOrEqual(4.5)
  })
})

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
