import type { ChildProcess } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { built, emptyFolder, isThere, launched, putGolden, served } from './places'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RUNS = ['normal', 'damaged', 'budget-stop', 'deep-recursion']

const PAGES = [
  '',
  '/runs',
  '/runs/normal',
  '/runs/normal?tab=answer',
  '/runs/normal?tab=trace',
  '/runs/normal?tab=config',
  '/runs/normal?at=300',
  '/runs/damaged',
  '/runs/deep-recursion?sel=cell-1',
  '/runs/normal?view=report',
  '/experiments',
  '/compare?runs=%5B%22normal%22,%22damaged%22%5D',
  '/providers?window=all',
  '/settings',
]

const SIZES = [
  { width: 1440, height: 900, colorScheme: 'dark' as const },
  { width: 320, height: 700, colorScheme: 'light' as const },
]

vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!isThere)('every page', () => {
  let home: string
  let board: ChildProcess
  let browser: Browser
  let address: string

  beforeAll(async () => {
    home = emptyFolder()
    putGolden(join(home, 'runs'), ...RUNS)
    const page = join(home, 'page')
    await built('vite.config.ts', page)
    ;({ board, address } = await served(join(home, 'runs'), page))
    browser = await launched()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    board?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  it.each(SIZES)('has nothing that axe objects to at $width px, $colorScheme', async (size) => {
    const context = await browser.newContext({
      viewport: { width: size.width, height: size.height },
      colorScheme: size.colorScheme,
      reducedMotion: 'reduce',
      bypassCSP: true, // for axe itself, which is injected
    })
    const found: string[] = []
    for (const path of PAGES) {
      const page = await context.newPage()
      page.on('pageerror', (error) => found.push(`${path}: ${error.message}`))
      await page.goto(address + path)
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(300)
      await page.evaluate(AXE)
      const objections = await page.evaluate(async () => {
        const axe = (
          globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } }
        ).axe
        return (await axe.run()).violations.map((violation) => violation.id)
      })
      const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      found.push(
        ...objections.map((id) => `${path}: ${id}`),
        ...(scrolls ? [`${path}: scrolls`] : []),
      )
      await page.close()
    }
    await context.close()
    expect(found).toEqual([])
  })

  it('asks for the picture of a run once, and before its code is there', async () => {
    const page = await browser.newPage()
    await page.goto(`${address}/runs/normal`)
    await page.waitForSelector('canvas[data-drawn]')
    const asked = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.includes('/picture'))
        .map((entry) => (entry as PerformanceResourceTiming).initiatorType),
    )
    expect(asked).toEqual(['link'])
    await page.close()
  })
})
