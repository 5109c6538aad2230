import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene } from './board'
import { experiment, searched } from './experimentBoard'
import { isThere } from './places'

describe.skipIf(!isThere)('the leaderboard', () => {
  let made: Scene

  beforeAll(async () => {
    made = await experiment()
  })
  afterAll(() => made?.close())

  async function open(search = ''): Promise<{ page: Page; said: string[] }> {
    const opened = await made.open(`/providers${search}`)
    await opened.page.getByRole('grid').waitFor()
    return opened
  }

  it('says of each provider how fast and how well it answers, and since when', async () => {
    const { page, said } = await open()
    const first = row(page, 'p-0')
    const text = await first.innerText()
    expect(text).toContain('94.4 %') // 17 of 18 returned
    await first.getByRole('img', { name: 'latency', exact: true }).waitFor()
    await expect.poll(() => row(page, 'p-1').innerText()).toContain('100 %')
    expect(said).toEqual([])
  })

  it('is narrowed to a model and a venue, and the address says so', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: /^Model/ }).click()
    await page.getByRole('menuitem', { name: 'm-1' }).click()
    await expect.poll(() => providers(page)).toEqual(['p-1'])
    await expect.poll(() => searched(page).get('model')).toBe('m-1')
    await page.getByRole('button', { name: /^Model/ }).click()
    await page.getByRole('menuitem', { name: 'any' }).click()
    await page.getByRole('button', { name: 'local', exact: true }).click()
    await expect.poll(() => providers(page)).toEqual(['p-0'])
    await expect.poll(() => searched(page).get('venue')).toBe('local')
  })

  it('is of a window from an hour to all time', async () => {
    const { page } = await open()
    for (const [name, value] of [
      ['1 h', '1h'],
      ['7 d', '7d'],
      ['30 d', '30d'],
      ['All', 'all'],
    ]) {
      await page.getByRole('button', { name, exact: true }).click()
      await expect.poll(() => searched(page).get('window')).toBe(value)
      await expect.poll(async () => (await providers(page)).length).toBe(2)
    }
  })

  it('is sorted by what is asked for', async () => {
    const { page } = await open('?sort=-success')
    await expect.poll(() => providers(page)).toEqual(['p-1', 'p-0'])
    for (const title of ['Attempts', 'Fail']) {
      const head = page.getByRole('columnheader', { name: new RegExp(`^${title}`) })
      await head.getByRole('button').click()
      await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending')
      await expect.poll(() => providers(page)).toEqual(['p-0', 'p-1'])
    }
  })

  it('has no title that sorts by what the board does not know', async () => {
    const { page, said } = await open()
    for (const title of await page.getByRole('columnheader').getByRole('button').all()) {
      await title.click()
      await expect.poll(async () => (await providers(page)).length).toBe(2)
      expect(await page.getByText('cannot be shown').count()).toBe(0)
    }
    expect(said).toEqual([])
  })

  it('opens one: its latency over time, its errors by class, what failed and what was slowest', async () => {
    const { page } = await open()
    await row(page, 'p-0').click()
    await expect.poll(() => searched(page).get('sel')).toBe('p-0')
    const one = page.getByRole('region', { name: 'p-0' })
    await one.getByRole('img', { name: /^Latency over time: median/ }).waitFor()
    await one.getByText('1 of 18 attempts').first().waitFor()
    const slowest = one.getByRole('list').last().getByRole('link')
    await expect.poll(() => slowest.count()).toBe(12)
    await one.getByRole('link').filter({ hasText: 'RuntimeError' }).click()
    await page.getByRole('heading', { name: 'doc 5' }).waitFor()
    await expect.poll(() => page.url()).toMatch(/\/runs\/run-5\?sel=/)
  })

  it('goes from one to the next by keys, and fits on a phone', async () => {
    const { page } = await made.open('/providers?sel=p-0', { width: 320, height: 700 })
    await page.getByRole('region', { name: 'p-0' }).waitFor()
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth))
      .toBeLessThanOrEqual(320)
    await page.keyboard.press('Escape')
    await expect.poll(() => searched(page).get('sel')).toBeNull()
  })
})

const row = (page: Page, name: string): Locator =>
  page.getByRole('grid').getByRole('row').filter({ hasText: name })

/** Whom the board shows, from above. */
const providers = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[role=grid] [role=row]')]
      .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
      .flatMap((one) => /p-\d/.exec(one.textContent ?? '')?.[0] ?? []),
  )
