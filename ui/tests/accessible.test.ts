import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Board, Home, opened } from './board'
import { demo, unproven } from './demo'
import { settled } from './looking'
import { isThere, launched, putGolden } from './places'
import { routesOf } from './routes'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 320, height: 700 }
/** 1280 by 800 at twice the size. */
const ZOOMED = { width: 640, height: 400 }

interface Axe {
  run: (what: Document, how: object) => Promise<{ violations: Violation[] }>
}
interface Violation {
  id: string
  nodes: { target: string[] }[]
}

describe.skipIf(!isThere)('every page', () => {
  const home = new Home()
  const empty = new Home()
  let board: Board
  let none: Board
  let browser: Browser
  let routes: string[]

  beforeAll(async () => {
    demo(home)
    putGolden(home.path, 'normal', 'damaged', 'deep-recursion', 'budget-stop')
    board = await Board.serving(home.path)
    none = await Board.serving(empty.path)
    const found = await fetch(board.api('runs?filter=provider:extractive'))
    const [asked] = (await found.json()).runs
    unproven(home, 'trace-format.md')
    routes = [
      ...routesOf('told', 'q-fails', 'stories', 'provider-0'),
      `/runs/${asked.id}?tab=answer&cite=1`,
      '/runs/deep-recursion?sel=cell-1',
      '/runs/damaged',
      '/runs/normal?at=300',
      '/runs/normal?view=report',
      '/runs/budget-stop',
      `/compare?runs=${encodeURIComponent('["told","told-too","damaged"]')}`,
      '/compare?filter=experiment:stories&group=config.chunk_size',
    ]
    browser = await launched()
  })

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    await none?.stop()
    home.remove()
    empty.remove()
  })

  /** What axe objects to on the page as it stands. */
  async function objections(page: Page, rules?: readonly string[]): Promise<string[]> {
    const found = await page.evaluate(async (rules) => {
      const { axe } = globalThis as unknown as { axe: Axe }
      const only = rules ? { runOnly: { type: 'rule', values: rules } } : {}
      return (await axe.run(document, { resultTypes: ['violations'], ...only })).violations
    }, rules)
    return found.map(({ id, nodes }) => `${id} at ${nodes[0].target.join(' ')}`)
  }

  /** Whether it scrolls sideways, once all that is drawn has the new size. */
  const scrolls = (page: Page) =>
    page
      .waitForFunction(() => document.documentElement.scrollWidth <= innerWidth)
      .then(
        () => false,
        () => true,
      )

  const themed = (page: Page, theme: string) =>
    page.evaluate((theme) => {
      document.documentElement.dataset.theme = theme
    }, theme)

  /** All that can be held against a page: dark and light, wide and on the smallest phone. */
  async function looked(page: Page): Promise<string[]> {
    const found: string[] = []
    await page.evaluate(AXE)
    found.push(...(await objections(page)))
    await themed(page, 'light')
    found.push(...(await objections(page, ['color-contrast'])).map((one) => `light: ${one}`))
    await page.setViewportSize(PHONE)
    found.push(...(await objections(page)).map((one) => `320 px: ${one}`))
    if (await scrolls(page)) found.push('320 px: the page scrolls sideways')
    await page.setViewportSize(ZOOMED)
    if (await scrolls(page)) found.push('zoomed: the page scrolls sideways')
    await themed(page, 'dark')
    await page.setViewportSize(WIDE)
    return found
  }

  const eyes = (address: string) =>
    opened(browser, address, { viewport: WIDE, colorScheme: 'dark', bypassCSP: true }) // for axe

  it('has nothing that axe objects to, in both themes, on a desk and a phone', async () => {
    const { page } = await eyes(board.address)
    const found: string[] = []
    page.on('pageerror', (error) => found.push(error.message))
    for (const path of routes) {
      await page.goto(board.address + path)
      await page.locator('main').waitFor()
      // A report has no bar that says when all is there.
      if (path.includes('view=report')) await page.getByRole('heading', { level: 1 }).waitFor()
      else await settled(page)
      found.push(...(await looked(page)).map((one) => `${path}: ${one}`))
    }
    await page.context().close()
    expect(found).toEqual([])
  })

  it('of an empty home, and what opens above a page, has nothing either', async () => {
    const { page } = await eyes(none.address)
    const found: string[] = []
    for (const path of ['', '/runs', '/experiments', '/providers', '/settings']) {
      await page.goto(none.address + path)
      await settled(page)
      found.push(...(await looked(page)).map((one) => `empty ${path}: ${one}`))
    }
    await page.goto(`${board.address}/runs`)
    await settled(page)
    await page.evaluate(AXE)
    for (const [name, keys] of [
      ['keys', ['?']],
      ['palette', ['Control+k']],
      ['labels', ['j', 'x', 'l']],
    ] as const) {
      for (const key of keys) await page.keyboard.press(key)
      await page.getByRole('dialog').waitFor()
      found.push(...(await objections(page)).map((one) => `${name}: ${one}`))
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await page.context().close()
    expect(found).toEqual([])
  })

  it('stands still for those who ask for stillness', async () => {
    const { page } = await opened(browser, board.address)
    const moving: string[] = []
    for (const path of ['', '/runs', '/runs/told', '/providers']) {
      await page.goto(board.address + path)
      await settled(page)
      const count = await page.evaluate(() => document.getAnimations().length)
      if (count > 0) moving.push(path)
    }
    await page.context().close()
    expect(moving).toEqual([])
  })

  it('tells those who see no picture what it shows', async () => {
    const { page } = await opened(browser, `${board.address}/runs/told`)
    await settled(page)
    const { attempts } = await (await fetch(board.api('runs/told/attempts?limit=1000'))).json()
    const caption = page.locator('caption')
    await expect
      .poll(() => caption.innerText())
      .toBe(`The newest ${attempts.length} of ${attempts.length} attempts`)
    const rows = page.locator('caption ~ tbody tr')
    await expect.poll(() => rows.count()).toBe(attempts.length)
    const states = (await rows.locator('td:nth-child(3)').allInnerTexts()).sort()
    const words: Record<string, string> = { timeout: 'timed out' }
    const meant = attempts.map(({ status }: { status: string }) => words[status] ?? status)
    expect(states).toEqual(meant.sort())
    const silent: string[] = []
    for (const path of routes.filter((one) => !/report|never|nowhere|dropped/.test(one))) {
      await page.goto(board.address + path)
      await settled(page)
      const names = await page.evaluate(() =>
        [...document.querySelectorAll('canvas')].map(
          (one) => one.closest('[role=img], [role=application]')?.getAttribute('aria-label') ?? '',
        ),
      )
      if (names.some((name) => !name || /NaN|undefined|null/.test(name)))
        silent.push(`${path}: ${names.join(', ')}`)
    }
    await page.context().close()
    expect(silent).toEqual([])
  })

  it('draws what is said by a ground alone where colours are forced', async () => {
    const { page } = await opened(browser, `${board.address}/runs/told`, { forcedColors: 'active' })
    await settled(page)
    const unseen = await page.evaluate(() => {
      const shown = [...document.querySelectorAll('main i')].filter((one) => one.clientWidth > 0)
      const isClear = (one: Element) => {
        const { backgroundColor, backgroundImage, borderTopWidth } = getComputedStyle(one)
        return (
          /, 0\)$/.test(backgroundColor) && backgroundImage === 'none' && borderTopWidth === '0px'
        )
      }
      const isForced = (one: Element) => getComputedStyle(one).forcedColorAdjust !== 'none'
      return [shown.length, shown.filter((one) => isForced(one) && !isClear(one)).length]
    })
    expect(unseen[0]).toBeGreaterThan(5)
    expect(unseen[1]).toBe(0)
    await page.goto(`${board.address}/runs`)
    const box = page.getByRole('checkbox', { name: 'Select told', exact: true })
    await box.click()
    expect(await box.evaluate((one) => getComputedStyle(one).appearance)).toBe('auto')
    const tabs = page.getByRole('navigation', { name: 'Views' }).getByRole('link')
    const grounds = () =>
      tabs.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor))
    await expect.poll(async () => new Set(await grounds()).size).toBe(2)
  })

  it('shows what is chosen where colours are forced', async () => {
    const { page } = await opened(browser, `${board.address}/runs/told?sel=q-fails`, {
      forcedColors: 'active',
    })
    await settled(page)
    const look = (pressed: boolean) =>
      page.evaluate((pressed) => {
        const one = document.querySelector(
          `[role=group] [aria-pressed=${pressed}], [aria-label="Group lanes"] [aria-pressed=${pressed}]`,
        )
        if (!one) return null
        const { backgroundColor, borderColor, outlineStyle, color } = getComputedStyle(one)
        return `${backgroundColor} ${borderColor} ${outlineStyle} ${color}`
      }, pressed)
    const [on, off] = [await look(true), await look(false)]
    expect(on).not.toBeNull()
    expect(on).not.toBe(off)
    const row = await page.evaluate(() => {
      const chosen = document.querySelector('[role=treegrid] [aria-selected=true]')
      const other = document.querySelector('[role=treegrid] [aria-selected=false]')
      const look = (one: Element | null) => {
        if (!one) return 'none'
        const { backgroundColor, outlineStyle, color } = getComputedStyle(one)
        return `${backgroundColor} ${outlineStyle} ${color}`
      }
      return [look(chosen), look(other)]
    })
    expect(row[0]).not.toBe(row[1])
    await page.context().close()
  })
})
