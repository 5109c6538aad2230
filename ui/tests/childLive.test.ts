import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Board, Home, opened, Program } from './board'
import { isThere, launched } from './places'

/** Two runs of one program: the outer waits, the inner does as it is told, a line at a time. */
const RECORDS = `
import sys
import rlmboard

home = sys.argv[1]
outer = rlmboard.init("What is it all?", home=home, id="outer")
outer.subquery("Outer prompt", id="q-outer", provider="near").returned("Outer answer", cost_sats=1)
print("outer", flush=True)
inner = grandchild = asked = None
for line in sys.stdin:
    what = line.strip()
    if what == "begin":
        inner = rlmboard.init("And below?", home=home, id="inner", parent_run_id="outer",
                              parent_id="q-outer")
    elif what == "ask":
        asked = inner.subquery("Inner prompt", id="q-inner", provider="near")
    elif what == "answer":
        asked.returned("Inner answer", cost_sats=7, tokens=(30, 4))
    elif what == "deeper":
        grandchild = rlmboard.init("Deeper?", home=home, id="deepest", parent_run_id="inner",
                                   parent_id="q-inner")
        grandchild.subquery("Deep prompt", id="q-deep", provider="near").returned("Deep answer")
    elif what == "end inner":
        grandchild.finish()
        inner.output = "Inner output"
        inner.finish()
    elif what == "end outer":
        outer.output = "Outer output"
        outer.finish()
    print(what, flush=True)
`

describe.skipIf(!isThere)('a child run that records while the page of its parent is open', () => {
  const home = new Home()
  let board: Board
  let browser: Browser
  let program: Program
  let page: Page
  let said: string[]

  beforeAll(async () => {
    program = new Program(RECORDS, home.path)
    await program.line()
    board = await Board.serving(home.path)
    browser = await launched()
    ;({ page, said } = await opened(browser, `${board.address}/runs/outer`))
    await page.locator('canvas[role=application][data-drawn]').waitFor()
  })

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    await program?.end()
    home.remove()
  })

  async function tell(what: string): Promise<void> {
    program.say(what)
    expect(await program.line()).toBe(what)
  }

  const tree = () => page.getByRole('treegrid')
  const row = (name: string | RegExp) => tree().getByRole('row', { name })
  const says = (of: RegExp) => row(of).textContent()
  const selected = () =>
    page.locator('section', { has: page.getByRole('heading', { name: 'Selected', exact: true }) })

  it('appears below what began it, in the tree, in the timeline and for who sees neither', async () => {
    await tree().getByText('q-outer').waitFor()
    expect(await row(/inner run/).count()).toBe(0)
    await tell('begin')
    await row(/inner run/).waitFor()
    await expect.poll(() => row(/inner run/).getAttribute('aria-level')).toBe('3')
    await page
      .getByRole('row', { name: /^inner child run/ })
      .first()
      .waitFor({ state: 'attached' })
  })

  it('shows in its open rows what it asks, as it asks it, and what comes back', async () => {
    await row(/inner run/)
      .getByRole('button', { name: 'Open', exact: true })
      .click()
    await tell('ask')
    await row(/q-inner/).waitFor()
    await expect.poll(() => says(/q-inner/)).toContain('in flight')
    await row(/q-inner/).click()
    await page.waitForURL(/child=inner/)
    await selected().getByText('Inner prompt').waitFor()
    await tell('answer')
    await expect.poll(() => says(/q-inner/)).toContain('returned')
    await selected().getByText('returned', { exact: false }).first().waitFor()
    await selected().getByRole('button', { name: 'Answer', exact: true }).click()
    await selected().getByText('Inner answer').waitFor()
  })

  it('has children of its own, that come while its rows are open', async () => {
    await tell('deeper')
    await row(/deepest run/).waitFor()
    await row(/deepest run/)
      .getByRole('button', { name: 'Open', exact: true })
      .click()
    await row(/q-deep/).waitFor()
    await expect.poll(() => row(/q-deep/).getAttribute('aria-level')).toBe('6')
  })

  it('ends while its parent goes on, with what it cost', async () => {
    await tell('end inner')
    await expect.poll(() => says(/inner run/)).toContain('completed')
    await expect.poll(() => row(/inner run/).innerText()).toMatch(/\b7\b/)
    await expect.poll(() => page.getByText('LIVE', { exact: true }).count()).toBeGreaterThan(0)
    await tell('end outer')
    await page.locator('header').getByText('completed').first().waitFor()
    expect(said).toEqual([])
  })
})
