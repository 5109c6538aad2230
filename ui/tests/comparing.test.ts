import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene } from './board'
import { experiment, searched } from './experimentBoard'
import { placed } from './looking'
import { isThere } from './places'

const TWO = '/compare?runs=%5B%22run-1%22,%22run-4%22%5D'

describe.skipIf(!isThere)('chosen runs', () => {
  let made: Scene

  beforeAll(async () => {
    made = await experiment()
  })
  afterAll(() => made?.close())

  it('are compared from the run list, by keys alone', async () => {
    const { page, said } = await made.open('/runs')
    await page.getByRole('row', { name: /doc 5/ }).waitFor()
    for (const key of ['j', 'j', 'x', 'j', 'x', 'c']) await page.keyboard.press(key)
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
    await expect
      .poll(() => JSON.parse(searched(page).get('runs') ?? '[]'))
      .toEqual(['run-5', 'run-4'])
    expect(said).toEqual([])
  })

  it('are compared from the experiment, and from the palette', async () => {
    const { page } = await made.open('/experiments/docs')
    await page.getByRole('checkbox', { name: 'Mark doc 1' }).check()
    await page.getByRole('checkbox', { name: 'Mark doc 4' }).check()
    await page.getByText('2 marked').waitFor()
    await page.getByRole('button', { name: /^Compare 2/ }).waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name: /Compare the 2 chosen runs/ }).click()
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
  })

  it('stand side by side with what differs, and what is the same is named once', async () => {
    const { page } = await made.open(TWO)
    const table = page.getByRole('region', { name: '2 runs side by side' })
    await table.waitFor()
    await expect.poll(() => cells(page, 'seed')).toEqual(['1', '4'])
    await expect.poll(() => cells(page, 'chunk size')).toEqual(['512', '256'])
    await expect.poll(() => cells(page, 'accuracy ↑')).toEqual(['0.600 base', '★ 0.750 +0.150'])
    await expect.poll(() => cells(page, 'cost sats ↓')).toEqual(['★ 10 sats base', '25 sats +15'])
    expect(await table.getByRole('rowheader', { name: 'model' }).count()).toBe(0)
    await expect
      .poll(() => page.getByText('The same in all:').locator('..').innerText())
      .toContain('llama-3')
    await page.getByRole('switch', { name: 'Only what differs' }).click()
    await table.getByRole('rowheader', { name: 'model', exact: true }).waitFor()
  })

  it('have another base, or are left out, and the address says so', async () => {
    const { page } = await made.open(TWO)
    await page.getByRole('button', { name: 'Compare with doc 4' }).click()
    const table = page.getByRole('region', { name: /side by side/ })
    await table.getByText('−0.150').waitFor()
    await expect.poll(() => searched(page).get('base')).toBe('run-4')
    await page.getByRole('button', { name: 'Leave doc 1 out' }).click()
    await page.getByRole('heading', { name: 'One run, and beside it' }).waitFor()
    await page.getByLabel('Add a run').selectOption({ label: 'doc 2' })
    await page.getByRole('heading', { name: 'Compare 2 runs' }).waitFor()
  })

  it('are six at most side by side, which is said, and which of them is a choice', async () => {
    const runs = [0, 1, 2, 3, 4, 5].map((n) => `"run-${n}"`)
    const { page, said } = await made.open(`/compare?runs=[${runs},"alone"]`)
    const which = page.getByRole('group', { name: 'Which runs are drawn' })
    await which.getByText('show 6 of 7 runs: ').waitFor()
    await expect.poll(() => which.innerText()).toContain('doc 0, doc 1, doc 2, doc 3, doc 4, doc 5')
    await which.getByRole('button', { name: 'Choose which' }).click()
    const alone = page.getByRole('checkbox', { name: 'alone', exact: true })
    expect(await alone.isDisabled()).toBe(true)
    await page.getByText('These are 6: leave one out first.').waitFor()
    await page.getByRole('checkbox', { name: 'doc 0', exact: true }).uncheck()
    await alone.check()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Side by side' }).click()
    const table = page.getByRole('region', { name: '6 runs side by side' })
    await table.waitFor()
    await expect.poll(() => cells(page, 'seed')).toEqual(['1', '2', '3', '4', '5', '–'])
    await page.reload()
    await table.waitFor()
    await expect.poll(() => cells(page, 'seed')).toEqual(['1', '2', '3', '4', '5', '–'])
    expect(said).toEqual([])
  })

  it('are compared by columns that a person chose, with the widths that they gave them', async () => {
    const { page } = await made.open('/experiments/docs')
    const titles = () =>
      page.getByRole('columnheader').evaluateAll((all) => all.map((one) => one.textContent ?? ''))
    await page.getByRole('button', { name: /^Columns/ }).click()
    await page.getByRole('list', { name: 'More' }).getByText('model', { exact: true }).click()
    await page.getByRole('checkbox', { name: 'seed', exact: true }).uncheck()
    await page.keyboard.press('Escape')
    await expect
      .poll(async () => (await titles()).some((title) => title.startsWith('seed')))
      .toBe(false)
    await expect.poll(async () => (await titles()).at(-1)).toMatch(/^model/)
    await page.reload()
    await expect.poll(async () => (await titles()).at(-1)).toMatch(/^model/)
    await page.getByRole('button', { name: /^Columns/ }).click()
    await page.getByRole('button', { name: 'As at first' }).click()
    await expect.poll(() => searched(page).get('cols')).toBeNull()
  })

  it('are a report that says where its figures come from', async () => {
    const { page } = await made.open('/experiments/docs?view=report')
    const foot = page.locator('footer')
    await foot.getByText('added up from its trace').waitFor()
    await expect.poll(() => foot.innerText()).toMatch(/Runs\s+6/)
    await expect.poll(() => foot.innerText()).toContain('experiment:"docs"')
    await expect.poll(() => foot.innerText()).toMatch(/Not known in full\s+the cost of 1 run/)
    await expect.poll(() => foot.innerText()).toMatch(/Report made\s+\d/)
  })

  it('show every column on paper, in parts that each begin with the run', async () => {
    const { page } = await made.open('/experiments/docs', { width: 1440, height: 900 })
    const titles = () =>
      page.getByRole('columnheader').evaluateAll((all) => all.map((one) => one.textContent))
    await page.getByRole('row', { name: /doc 1/ }).waitFor()
    const onPage = await titles()
    await page.goto(`${page.url()}?view=report`)
    await page.setViewportSize({ width: 800, height: 1000 })
    await page.locator('footer').getByText('added up from its trace').waitFor()
    expect(new Set(await titles())).toEqual(new Set(onPage))
    const grids = await page.getByRole('grid').all()
    expect(grids.length).toBeGreaterThan(1)
    for (const grid of grids) {
      expect(await grid.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0)
      await grid.getByRole('columnheader', { name: 'Run', exact: true }).waitFor()
    }
  })

  it('leave room on a phone for what is compared', async () => {
    const { page } = await made.open('/experiments/docs', { width: 320, height: 700 })
    await page.getByRole('grid').waitFor()
    const run = await placed(page.getByRole('columnheader', { name: 'Run', exact: true }))
    const grid = await placed(page.getByRole('grid'))
    expect(run.width).toBeLessThanOrEqual(grid.width / 2)
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  })

  it('have their timelines on one axis: one is moved, and all move', async () => {
    const { page, said } = await made.open(TWO)
    const [first, second] = [timeline(page, 'doc 1'), timeline(page, 'doc 4')]
    await drawn(first)
    await drawn(second)
    const whole = await still(second)
    await first.hover({ position: { x: 600, y: 60 } })
    await page.mouse.wheel(0, -400)
    await expect.poll(() => look(second)).not.toBe(whole)
    await expect.poll(() => searched(page).get('t0')).not.toBeNull()
    const address = page.url()
    await page.reload()
    const again = timeline(page, 'doc 4')
    await drawn(again)
    expect(page.url()).toBe(address)
    await expect.poll(() => look(again)).not.toBe(whole)
    await page.keyboard.press('f')
    await expect.poll(() => look(again)).toBe(whole)
    await expect.poll(() => searched(page).get('t0')).toBeNull()
    expect(said).toEqual([])
  })

  it('have their curves in one picture, each with its name', async () => {
    const { page } = await made.open(TWO)
    const curves = page.getByRole('img', { name: 'accuracy, 2 curves' })
    await curves.waitFor()
    await expect.poll(() => curves.locator('.u-legend').innerText()).toMatch(/doc 1[\s\S]*doc 4/)
    await page.getByRole('button', { name: 'Time', exact: true }).click()
    await expect.poll(() => searched(page).get('over')).toBe('time')
  })

  it('have a small line for each metric, which is said in words, too', async () => {
    const { page } = await made.open(TWO)
    const first = 'accuracy over 6 values: from 0.350 to 0.600, between 0.350 and 0.600'
    await page.getByRole('img', { name: first }).waitFor()
    await page.goto(`${made.board.address}/experiments/docs`)
    await page.getByRole('grid').getByRole('img', { name: first }).waitFor()
    const lines = page.getByRole('img', { name: /^accuracy over 6 values/ })
    await expect.poll(() => lines.count()).toBe(6)
  })

  it('are a table where a table is asked for', async () => {
    const { page } = await made.open(TWO)
    await page.getByRole('button', { name: 'Table', exact: true }).first().click()
    await page.getByRole('grid', { name: 'Comparison of 2 runs' }).waitFor()
    await expect.poll(() => searched(page).get('as')).toBe('table')
  })

  it('fit on a phone', async () => {
    const { page } = await made.open(TWO, { width: 320, height: 700 })
    await drawn(timeline(page, 'doc 4'))
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth))
      .toBeLessThanOrEqual(320)
  })
})

/** What stands in a line of the side by side, run by run. */
async function cells(page: Page, name: string): Promise<string[]> {
  const line = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
  return line.first().getByRole('cell').allInnerTexts()
}

const timeline = (page: Page, run: string): Locator =>
  page.getByRole('region', { name: `Timeline of ${run}` }).getByRole('application')

const drawn = (canvas: Locator): Promise<void> =>
  expect.poll(() => canvas.getAttribute('data-drawn')).not.toBeNull()

/** What is painted on it, once nothing more is. */
async function still(canvas: Locator): Promise<number> {
  let now = Number.NaN
  await expect
    .poll(
      async () => {
        const before = now
        now = await look(canvas)
        return now === before
      },
      { interval: 300 },
    )
    .toBe(true)
  return now
}

/** All that is painted on it, as one number. */
const look = (canvas: Locator): Promise<number> =>
  canvas.evaluate((one: HTMLCanvasElement) => {
    let sum = 0
    for (const letter of one.toDataURL()) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0
    return sum
  })
