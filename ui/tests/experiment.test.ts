import { readFileSync } from 'node:fs'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene } from './board'
import { experiment, searched } from './experimentBoard'
import { placed } from './looking'
import { isThere } from './places'

const WIDE = `
import sys
import rlmboard
from rlmboard.store import Store

home = sys.argv[1]
for n in range(3):
    config = {f"setting_{k}": n + k for k in range(40)}
    with rlmboard.init("Wide?", home=home, name=f"wide {n}", config=config, experiment="wide") as run:
        run.output = "Yes."
with Store(home) as store:
    store.count()
`

describe.skipIf(!isThere)('the page of an experiment', () => {
  let made: Scene

  beforeAll(async () => {
    made = await experiment()
  })
  afterAll(() => made?.close())

  async function open(search = ''): Promise<{ page: Page; said: string[] }> {
    const opened = await made.open(`/experiments/docs${search}`)
    await opened.page.getByRole('grid').waitFor()
    return opened
  }

  it('shows only what differs until all is asked for', async () => {
    const { page, said } = await open()
    expect(await columns(page)).not.toContain('model')
    await page.getByText(/The same in all:/).waitFor()
    await page.getByRole('switch', { name: 'Only what differs' }).click()
    await expect.poll(() => columns(page)).toContain('model')
    await expect.poll(() => searched(page).get('same')).toBe('true')
    expect(said).toEqual([])
  })

  it('holds each run against the base, which stays above', async () => {
    const { page } = await open('?sort=accuracy')
    await row(page, 'doc 3').hover()
    await page.getByRole('button', { name: 'Compare with doc 3' }).click()
    await expect
      .poll(() => runs(page))
      .toEqual(['doc 3', 'doc 0', 'doc 1', 'doc 2', 'doc 4', 'doc 5'])
    await expect.poll(() => searched(page).get('base')).toBe('run-3')
    await expect.poll(() => cell(page, 'doc 3', 'accuracy')).toBe('0.700 base')
    await expect.poll(() => cell(page, 'doc 5', 'accuracy')).toBe('★ 0.800 +0.100')
    await expect.poll(() => cell(page, 'doc 0', 'accuracy')).toBe('0.550 −0.150')
  })

  it('marks the best by a star, and heats what is better in its own direction', async () => {
    const { page } = await open()
    await expect.poll(() => cell(page, 'doc 5', 'accuracy')).toMatch(/^★/)
    await expect.poll(() => cell(page, 'doc 0', 'cost sats')).toMatch(/^★/)
    expect(await heat(page, 'doc 5', 'accuracy')).toBeGreaterThan(
      await heat(page, 'doc 0', 'accuracy'),
    )
    expect(await heat(page, 'doc 0', 'cost sats')).toBeGreaterThan(
      await heat(page, 'doc 4', 'cost sats'),
    )
    expect(await heat(page, 'doc 0', 'chunk size')).toBe(0)
  })

  it('has each value below its title, however far a wide table is scrolled', async () => {
    made.home.recorded(WIDE)
    const { page, said } = await made.open('/experiments/wide')
    await page.getByRole('grid').waitFor()
    for (const left of [0, 900, 2100, 9000]) {
      await page.getByRole('grid').evaluate((grid, left) => grid.scrollTo({ left }), left)
      await expect.poll(() => astray(page)).toEqual([])
    }
    await expect.poll(() => cell(page, 'wide 2', 'setting 39')).toBe('41')
    expect(said).toEqual([])
  })

  it('is grouped with mean and sample deviation, the best mean marked', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: /^Group/ }).click()
    await page.getByRole('menuitem', { name: 'chunk size' }).click()
    const groups = page.getByRole('row').filter({ hasText: 'n 3' })
    await expect.poll(() => groups.count()).toBe(2)
    const said = await groups.allInnerTexts()
    expect(said.find((one) => one.includes('256'))).toMatch(/0\.650\s*± 0\.100/)
    expect(said.find((one) => one.includes('512'))).toMatch(/★\s*0\.700\s*± 0\.100/)
    await page.getByRole('checkbox', { name: 'Mark all of 512' }).click()
    await page.getByText('3 marked').waitFor()
    await groups.filter({ hasText: '512' }).getByText('512').first().click()
    await expect.poll(() => runs(page)).toEqual(['doc 4', 'doc 2', 'doc 0'])
  })

  it('draws any column against another, with the runs that nothing beats', async () => {
    const { page } = await open()
    await page
      .getByRole('img', { name: /accuracy against cost sats of 6 runs; 5 on the frontier/ })
      .waitFor()
    await page.getByLabel('Upwards').selectOption('seed')
    await page.getByLabel('Sideways').selectOption('duration_ms')
    await page.getByRole('img', { name: /^seed against duration of 6 runs$/ }).waitFor()
    await expect
      .poll(() => [searched(page).get('x'), searched(page).get('y')])
      .toEqual(['duration_ms', 'seed'])
  })

  it('is marked from the scatter, from the lines and from the table, by one at a time', async () => {
    const { page } = await open('?x=cost_msat&y=accuracy')
    const scatter = page.getByRole('img', { name: /against/ })
    await brush(page, scatter, [0.45, 0.02], [0.99, 0.55])
    await expect.poll(() => marked(page)).toEqual(['doc 5', 'doc 4', 'doc 3'])
    const lines = page.getByRole('img', { name: /^6 runs across/ })
    await brush(
      page,
      lines,
      axisOf(await lines.getAttribute('aria-label'), 'accuracy', -0.05),
      axisOf(await lines.getAttribute('aria-label'), 'accuracy', 0.35),
    )
    await page.getByRole('button', { name: 'Clear brush' }).waitFor()
    await expect.poll(() => marked(page)).toEqual(['doc 5', 'doc 4'])
    await page.getByRole('checkbox', { name: 'Mark doc 0' }).click()
    await expect.poll(() => marked(page)).toEqual(['doc 5', 'doc 4', 'doc 0'])
    await page.getByRole('button', { name: 'Clear brush' }).waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await expect.poll(() => marked(page)).toEqual([])
  })

  it('is taken away as it is shown: its columns, its order', async () => {
    const { page } = await open('?sort=-accuracy')
    const csv = (await saved(page, 'CSV, as shown')).split('\r\n')
    const shown = await columns(page)
    expect(csv[0].split(',').length).toBe(shown.length)
    expect(csv[0]).toMatch(/^run,chunk_size,seed,accuracy/)
    expect(csv.slice(1).map((line) => line.split(',')[0])).toEqual([
      'doc 5',
      'doc 4',
      'doc 3',
      'doc 2',
      'doc 1',
      'doc 0',
    ])
    const json = JSON.parse(await saved(page, 'JSON, as shown'))
    expect(json[0]).toMatchObject({ run: 'doc 5', chunk_size: 512, seed: 5 })
    expect(await saved(page, 'Markdown, as shown')).toMatch(/^\| run \| chunk size/)
    expect(await saved(page, 'LaTeX, as shown')).toMatch(/\\begin\{tabular\}[\s\S]*chunk size/)
  })

  it('is copied as a link that shows the same', async () => {
    const { page } = await open('?sort=-accuracy&group=chunk_size&base=run-3')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())
    const before = await runs(page)
    await page.reload()
    await expect.poll(() => runs(page)).toEqual(before)
  })
})

const row = (page: Page, name: string): Locator =>
  page
    .getByRole('row')
    .filter({ has: page.getByRole('checkbox', { name: `Mark ${name}`, exact: true }) })

/** Runs that are in sight, from above. */
const runs = (page: Page): Promise<string[]> => named(page, '[role=row]')
/** Those of them that are marked. */
const marked = (page: Page): Promise<string[]> => named(page, '[role=row][aria-selected=true]')

const named = (page: Page, which: string): Promise<string[]> =>
  page.evaluate(
    (which) =>
      [...document.querySelectorAll(`[role=grid] ${which}`)]
        .filter((one) => one.querySelector('[aria-pressed]'))
        .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
        .map((one) => one.querySelector('code')?.textContent ?? ''),
    which,
  )

/** The titles of the columns, without their notes. */
const columns = (page: Page): Promise<string[]> =>
  page
    .getByRole('columnheader')
    .evaluateAll((heads) =>
      heads.map((head) => (head.querySelector('.lbl')?.textContent ?? '').replace(/ [↑↓]$/, '')),
    )

async function cellOf(page: Page, run: string, column: string): Promise<Locator> {
  const at = (await columns(page)).indexOf(column)
  return row(page, run).locator(`[role=gridcell][aria-colindex="${at + 1}"]`)
}

const cell = async (page: Page, run: string, column: string): Promise<string> =>
  (await (await cellOf(page, run, column)).innerText()).trim().replaceAll(/\s+/g, ' ')

/** Cells that do not stand below their titles; the edge of the table, where it shows no cell. */
const astray = (page: Page): Promise<string[]> =>
  page.getByRole('grid').evaluate((grid) => {
    const heads = [...grid.querySelectorAll('[role=columnheader]')]
    const cells = [...grid.querySelectorAll('[role=gridcell]')]
    const side = (one: Element) => one.getBoundingClientRect()
    const wrong = cells.filter((one) => {
      const head = side(heads[Number(one.ariaColIndex) - 1])
      return Math.abs(side(one).left - head.left) + Math.abs(side(one).width - head.width) > 1
    })
    const reached = Math.max(...cells.map((one) => side(one).right))
    const isShort =
      reached < Math.min(side(grid).right, ...heads.slice(-1).map((one) => side(one).right)) - 20
    return [...wrong.map((one) => one.textContent ?? ''), ...(isShort ? ['the edge'] : [])]
  })

/** How opaque the colour behind a cell is. */
const heat = async (page: Page, run: string, column: string): Promise<number> =>
  (await cellOf(page, run, column)).evaluate((one) => {
    const colour = getComputedStyle(one).backgroundColor
    return Number(/\/ ([\d.]+)\)|, ([\d.]+)\)$/.exec(colour)?.slice(1).find(Boolean) ?? 0)
  })

type Share = readonly [x: number, y: number]

async function brush(page: Page, picture: Locator, from: Share, to: Share): Promise<void> {
  const box = await placed(picture)
  await page.mouse.move(box.x + box.width * from[0], box.y + box.height * from[1])
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * to[0], box.y + box.height * to[1], { steps: 5 })
  await page.mouse.up()
}

/** A place on the axis of a column, as far down as said; the label names the axes in their order. */
function axisOf(label: string | null, column: string, down: number): Share {
  const axes = /across (.*);/.exec(label ?? '')?.[1].split(', ') ?? []
  return [0.065 + (axes.indexOf(column) * 0.87) / (axes.length - 1), 0.12 + down * 0.8]
}

async function saved(page: Page, kind: string): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: kind }).click(),
  ])
  return readFileSync(await download.path(), 'utf8')
}
