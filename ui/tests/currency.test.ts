import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Board, Home, type Opened, opened } from './board'
import { launched } from './places'

/** Three runs of an experiment: of 30 sats, of 50 cents, and of 20 sats and a dollar. */
const RECORD = `
import sys
import rlmboard

COSTS = {
    "sats": [{"cost_sats": 30}],
    "dollars": [{"cost_usd": 0.5}],
    "mixed": [{"cost_sats": 20}, {"cost_usd": 1}],
}
for name, attempts in COSTS.items():
    with rlmboard.init("What does it cost?", home=sys.argv[1], id=name, name=name,
                       experiment="money") as run:
        for number, cost in enumerate(attempts):
            with run.subquery("Part?", provider="-".join(cost)) as query:
                query.returned("So much.", tokens=(10, 2), **cost)
        run.log({"accuracy": len(name) / 10})
`

describe('money of two currencies', () => {
  let home: Home
  let board: Board
  let browser: Browser

  beforeAll(async () => {
    home = new Home()
    home.recorded(RECORD)
    board = await Board.serving(home.path)
    browser = await launched()
  })

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    home?.remove()
  })

  const open = (path: string): Promise<Opened> =>
    opened(browser, board.address + path, { viewport: { width: 1600, height: 900 } })

  /** Records 100 sats a dollar, as a person does, and chooses the dollar. */
  async function inDollars(page: Page): Promise<void> {
    await page.getByLabel('Dollars for one bitcoin').fill('1,000,000')
    await page.getByRole('button', { name: 'Record', exact: true }).click()
    await page.getByText('1 BTC = $1,000,000').waitFor()
    await page.getByRole('group', { name: 'Currency' }).getByText('Dollars').click()
  }

  const rows = (page: Page) => page.getByRole('grid').getByRole('row')
  const names = (page: Page) =>
    rows(page).evaluateAll((all) =>
      all.flatMap((row) => row.textContent?.match(/sats|dollars|mixed/)?.[0] ?? []),
    )

  it('stays as it was recorded while there is no rate, and sums are two', async () => {
    const { page } = await open('')
    await page.getByText('50 sats + $1.50').waitFor()
    await page.getByText('Sats (without $1.50)').waitFor()
    await page.goto(`${board.address}/runs?sort=cost`)
    await page.getByText('what is in dollars alone last').waitFor()
    await expect.poll(() => names(page)).toEqual(['mixed', 'sats', 'dollars'])
    await page.close()
  })

  it('is one currency at a rate: in lists, sums, charts and orders, and marked', async () => {
    const { page } = await open('/settings')
    await inDollars(page)
    await page.goto(board.address)
    await page.getByText('≈ $2.00').first().waitFor()
    await page.getByText('≈ Dollars').waitFor()
    await page.goto(`${board.address}/runs?sort=-cost_usd`)
    await page.getByText('sats at 1 BTC = $1,000,000').waitFor()
    await expect.poll(() => names(page)).toEqual(['mixed', 'dollars', 'sats'])
    await rows(page).nth(1).getByText('≈ $1.20').first().waitFor()
    const first = await rows(page).nth(1).textContent()
    expect(first?.indexOf('≈ $1.20')).toBeLessThan(first?.indexOf('≈ 120') ?? 0)
    await page.goto(`${board.address}/experiments/money`)
    await page.getByRole('gridcell', { name: '≈ $0.300' }).waitFor()
    await page.getByRole('option', { name: '≈ cost usd' }).first().waitFor({ state: 'attached' })
    await page.goto(`${board.address}/providers`)
    await page.getByText('≈ $2.00').waitFor()
    await page.goto(`${board.address}/runs/mixed`)
    await page.getByText('≈ $1.20').first().waitFor()
    await page.close()
  })
})
