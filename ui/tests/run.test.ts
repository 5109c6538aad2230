import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from './board'
import { placed } from './looking'
import { isThere, putGolden } from './places'

const RECORD = `
import socket
import sys
import rlmboard
from rlmboard.trace import events as e

with rlmboard.init("What does it print?", home=sys.argv[1], id="cells") as run:
    run.emit(e.IterationStart(n=1, max_n=4), 0)
    run.emit(e.CellStart(cell_id="long", code_preview="# count\\n" + "print(1)  # one\\n" * 2000), 10)
    run.emit(e.CellEnd(cell_id="long", stdout_preview="a line\\n" * 3000 + "the end",
                       stderr_preview="DeprecationWarning: old"), 400)
    run.emit(e.ToolStart(tool_id="t-1", name="grep", args_preview='{"pattern": "x"}'), 500)
    run.emit(e.ToolEnd(tool_id="t-1", error=e.Failure(type="OSError", message="no such file")), 800)
    run.emit(e.IterationEnd(n=1, max_n=4), 900)

def ask(id, parent, node, far=None):
    with rlmboard.init("What does it say?", home=sys.argv[1], id=id, parent_run_id=parent,
                       parent_id=node) as child:
        with child.subquery(f"Asked by {id}", provider=f"of-{id}", id=f"q-of-{id}") as asked:
            asked.returned(f"Said to {id}", cost_sats=1, tokens=(10, 2))
    if far:
        config = child.folder.config
        config.write_text(config.read_text().replace(f'"host": "{socket.gethostname()}"', f'"host": "{far}"'))

ask("part", "cells", "long")
ask("elsewhere", "cells", None, far="another-machine")
ask("footnote", "part", "q-of-part")
`

describe.skipIf(!isThere)('the page of a run', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      putGolden(home.path, 'deep-recursion')
      home.recorded(RECORD)
    })
  })
  afterAll(() => scene?.close())

  it('asks for the picture once, and before its code is there', async () => {
    const page = await scene.browser.newPage()
    await page.goto(`${scene.address}/runs/cells`)
    await page.waitForSelector('canvas[data-drawn]')
    const asked = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(({ name }) => name.includes('/runs/cells/picture'))
        .map((entry) => (entry as PerformanceResourceTiming).initiatorType),
    )
    expect(asked).toEqual(['link'])
    await page.close()
  })

  async function opened(path: string): Promise<{ page: Page; said: string[] }> {
    const page = await scene.browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(30_000)
    const said: string[] = []
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(`${scene.address}/runs/${path}`)
    await page.locator('canvas[data-drawn]:not([data-drawn="0"])').first().waitFor()
    return { page, said }
  }

  const selected = (page: Page) =>
    page.locator('section', { has: page.getByRole('heading', { name: 'Selected', exact: true }) })

  it('selects a turn, a cell and a tool by their bars', async () => {
    const { page, said } = await opened('deep-recursion')
    const canvas = page.getByRole('application', { name: /Fan-out timeline/ })
    const box = await placed(canvas)
    const from = 148
    const at = async (ms: number, row: number) => {
      const wide = box.width - from
      await canvas.click({
        position: { x: from + (wide * (ms + 0.75)) / (150 * 1.035), y: 48 + 22 + 14 + row * 18 },
      })
    }
    await at(60, 0)
    await page.waitForURL(/sel=root(%20|\+)turn(%20|\+)1/)
    await at(60, 1)
    await page.waitForURL(/sel=cell-1/)
    await selected(page).getByText('answer = rlm(context[:9000])').first().waitFor()
    await at(120, 0)
    await page.waitForURL(/sel=root(%20|\+)turn(%20|\+)2/)
    await expect.poll(() => selected(page).textContent()).toContain('turn 2 of at most 8')
    expect(said).toEqual([])
    await page.close()
  })

  it('shows the code and the whole output of a cell, and what it complained of', async () => {
    const { page } = await opened('cells?sel=long')
    const detail = selected(page)
    await detail.getByText('the end').waitFor()
    const code = detail.locator('pre').first()
    await expect.poll(async () => (await code.textContent())?.match(/print/g)?.length).toBe(2000)
    expect(
      await code.locator('span', { hasText: '# count' }).first().getAttribute('class'),
    ).toMatch(/comment/)
    const printed = () => detail.locator('pre').nth(1).textContent()
    await expect.poll(async () => (await printed())?.split('\n').length).toBe(3001)
    const output = await printed()
    expect(output?.endsWith('a line\nthe end')).toBe(true)
    await expect.poll(() => detail.textContent()).toContain('DeprecationWarning: old')
    await page.close()
  })

  it('shows the arguments of a tool and why it failed; the next failure leads there', async () => {
    const { page } = await opened('cells')
    await page.keyboard.press('n')
    await page.waitForURL(/sel=t-1/)
    await expect.poll(() => selected(page).textContent()).toContain('OSError: no such file')
    await expect.poll(() => selected(page).textContent()).toContain('pattern')
    await page.close()
  })

  it('counts what an agent did that asks no sub-queries, and no quorum with it', async () => {
    const { page } = await opened('cells')
    const figures = page.getByRole('region', { name: 'The run in figures' })
    await expect.poll(() => figures.innerText()).toMatch(/Tools\s*1\s*\/ 1/i)
    const calls = page.getByRole('table').filter({ hasText: 'Code cells' })
    await expect
      .poll(() => calls.getByRole('row', { name: /^Turns/ }).innerText())
      .toMatch(/Turns\s+1\s+0\s+0/)
    await expect
      .poll(() => calls.getByRole('row', { name: /^Tools/ }).innerText())
      .toMatch(/Tools\s+0\s+0\s+1/)
    expect(await page.getByText('Quorum', { exact: true }).count()).toBe(0)
    await page.close()
  })

  it('names turns, cells and tools in the tree and in the table of the timeline', async () => {
    const { page } = await opened('deep-recursion')
    const tree = page.getByRole('treegrid')
    await tree.getByText('turn 1 of 8').waitFor()
    await tree.getByText('answer = rlm(context[:9000])').waitFor()
    await page.getByRole('button', { name: 'Table', exact: true }).click()
    const row = page.getByRole('row', { name: /grep-1/ }).first()
    await expect.poll(() => row.textContent()).toContain('tool: grep')
    await page.getByRole('button', { name: 'grep-1', exact: true }).click()
    await page.waitForURL(/sel=grep-1/)
    await page.close()
  })

  it('shows a child run below the node that began it, and its rows when it is opened', async () => {
    const { page, said } = await opened('cells')
    const tree = page.getByRole('treegrid')
    const part = tree.getByRole('row', { name: /part run/ })
    await part.getByRole('button', { name: 'Open' }).click()
    await tree.getByText('q-of-part').waitFor()
    await expect.poll(() => part.getAttribute('aria-level')).toBe('3')
    const footnote = tree.getByRole('row', { name: /footnote run/ })
    await footnote.getByRole('button', { name: 'Open' }).click()
    await tree.getByText('q-of-footnote').click()
    await page.waitForURL(/child=footnote.*sel=q-of-footnote|sel=q-of-footnote.*child=footnote/)
    await selected(page).getByText('Said to footnote').waitFor()
    expect(said).toEqual([])
    await page.close()
  })

  it('draws child runs in the icicle; one that is chosen opens there, and so do those below', async () => {
    const { page, said } = await opened('cells?tree=icicle&size=cost')
    const icicle = page.getByRole('img', { name: /^Icicle of \d+ calls and 2 child runs/ })
    const box = await placed(icicle)
    // Only child runs cost anything here: `elsewhere` is one half, the cell that began `part` the other.
    const at = (share: number, row: number) =>
      icicle.click({ position: { x: box.width * share, y: row * 24 + 12 } })
    await at(0.25, 1)
    await page.waitForURL(/child=elsewhere|sel=long/)
    const isFirst = page.url().includes('child=elsewhere')
    await at(isFirst ? 0.75 : 0.25, 2)
    await page.waitForURL(/child=part/)
    await selected(page).getByText('Open its page').waitFor()
    await expect
      .poll(async () => {
        await at(isFirst ? 0.6 : 0.1, 3)
        return (
          new URL(page.url()).searchParams.get('sel') ??
          new URL(page.url()).searchParams.get('child')
        )
      })
      .toMatch(/q-of-part|footnote/)
    expect(said).toEqual([])
    await page.close()
  })

  it('marks a child that another machine timed, and leads to its page', async () => {
    const { page } = await opened('cells')
    const tree = page.getByRole('treegrid')
    const row = tree.getByRole('row', { name: /elsewhere run/ })
    await expect.poll(() => row.textContent()).toContain('another-machine, which may disagree')
    const same = tree.getByRole('row', { name: /part run/ })
    expect(await same.textContent()).not.toContain('may disagree')
    await row.click()
    await expect.poll(() => selected(page).textContent()).toContain('another-machine')
    await selected(page).getByRole('link', { name: 'Open its page' }).click()
    await page.waitForURL(/runs\/elsewhere/)
    await page.close()
  })

  it('opens an address that names something of a child run', async () => {
    const { page } = await opened('cells?child=part&sel=q-of-part')
    await selected(page).getByText('Said to part').waitFor()
    await page.goto(`${scene.address}/runs/cells?child=footnote`)
    await selected(page).getByText('Open its page').waitFor()
    await page.goto(`${scene.address}/runs/cells?child=never-recorded`)
    await selected(page)
      .getByText(/no run is called/)
      .waitFor()
    await page.close()
  })

  it('converts nothing until a rate is recorded, and then says by which', async () => {
    const { page } = await opened('deep-recursion')
    const cost = page
      .locator('dl, section')
      .getByText('Cost', { exact: true })
      .first()
      .locator('..')
    await expect.poll(() => cost.textContent()).toContain('12 sats + $0.0025')
    await page.goto(`${scene.address}/settings`)
    await page.getByLabel('Dollars for one bitcoin').fill('100,000')
    await page.getByLabel('On the day').fill('2026-01-05')
    await page.getByRole('button', { name: 'Record' }).click()
    await page.getByText('1 BTC = $100,000 of 2026-01-05').waitFor()
    await page.goto(`${scene.address}/runs/deep-recursion`)
    await cost.getByText('≈ 15').waitFor()
    await expect.poll(() => cost.locator('[title*="12 sats and $0.0025"]').count()).toBe(1)
    await page.goto(`${scene.address}/settings`)
    await page.getByRole('button', { name: 'Forget it' }).click()
    await page.getByText('None: nothing is converted.').waitFor()
    await page.close()
  })

  it('is a report for paper: light, without navigation, sharp, and says of what it was made', async () => {
    const page = await scene.browser.newPage({
      viewport: { width: 1100, height: 1400 },
      colorScheme: 'dark',
    })
    page.setDefaultTimeout(30_000)
    await page.goto(`${scene.address}/runs/cells`)
    await page.getByRole('link', { name: 'Report to print' }).click()
    const report = page.locator('article[data-ready]')
    await report.waitFor()
    await report.locator('canvas[data-drawn]').waitFor()
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('light')
    expect(await page.getByRole('navigation').count()).toBe(0)
    const sharp = await report
      .locator('canvas')
      .first()
      .evaluate((canvas: HTMLCanvasElement) => canvas.width / canvas.clientWidth)
    expect(sharp).toBeGreaterThan(2.9)
    const foot = (await report.locator('footer').textContent()) ?? ''
    expect(foot).toMatch(/Runcells.*Lines of the trace9.*Git[0-9a-f]{40}.*Report made/)
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect(pdf.startsWith('%PDF')).toBe(true)
    await page.getByRole('button', { name: 'Back to the page' }).click()
    await page.getByRole('treegrid').waitFor()
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark')
    await page.close()
  })
})
