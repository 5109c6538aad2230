import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { emptyFolder, isThere, launched, python } from './places'

const HOSTILE =
  '</script><script>window.broken = 1</script><!--<script><img src=x onerror="window.broken = 2">'

const RECORD = `
import sys
from pathlib import Path
import rlmboard
from rlmboard.board.offline import comparison_document, run_document
from rlmboard.store import Store

home, hostile = sys.argv[1:]
for number in range(3):
    config = {"method": "rlm", "chunk_size": 256 * (number + 1)}
    with rlmboard.init(f"Is it safe? {hostile}", home=home, id=f"run-{number}", config=config,
                       experiment="exports") as run:
        for n in range(40):
            with run.subquery(f"Prompt {n}: {hostile} " + "word " * 200, provider=f"p-{n % 3}") as q:
                q.returned(f"Answer {n}: {hostile}", cost_sats=1, tokens=(10, 2))
        for step in range(5):
            run.log({"accuracy": 0.1 + number / 10 + step / 10}, step=step)
        run.output = f"It is. {hostile}"

Path(home, "rate.json").write_text('{"usd_per_btc": 100000, "on": "2026-11-23", "source": null, "said_at": "2026-11-23T10:00:00+00:00"}')
def below(id, parent, node=None):
    with rlmboard.init("And below?", home=home, id=id, parent_run_id=parent, parent_id=node) as run:
        with run.subquery(f"Prompt of {id}", id=f"q-of-{id}", provider="p") as q:
            q.returned(f"Answer of {id} " + "word " * 200)
below("part", "run-1", "q-1")
below("footnote", "part", "q-of-part")

store = Store(home)
def write(name, document):
    Path(home, name).write_text("".join(document.pieces()))

write("run.html", run_document(store, "run-1"))
write("short.html", run_document(store, "run-1", payloads=False))
write("runs.html", comparison_document(store, store.runs("experiment:exports"), "experiment:exports"))
store.close()
`

describe.skipIf(!isThere)('an exported page, opened from disk with the network off', () => {
  let home: string
  let browser: Browser

  beforeAll(async () => {
    home = emptyFolder()
    python(RECORD, home, HOSTILE)
    browser = await launched()
  })

  afterAll(async () => {
    await browser?.close()
    rmSync(home, { recursive: true })
  })

  /** The page of a file, and all that it asked the world for. */
  async function opened(file: string): Promise<{ page: Page; asked: string[]; said: string[] }> {
    const context = await browser.newContext({ offline: true })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url())) asked.push(request.url())
    })
    page.on('websocket', (socket) => asked.push(socket.url()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
    await page.goto(pathToFileURL(join(home, file)).href)
    return { page, asked, said }
  }

  const broken = (page: Page) => page.evaluate(() => (window as { broken?: number }).broken)

  it('draws timeline and tree, and asks nobody for anything', async () => {
    const { page, asked, said } = await opened('run.html')
    await page.getByText('Fan-out timeline').waitFor()
    await page.locator('canvas').first().waitFor()
    await expect.poll(() => isPainted(page)).toBe(true)
    await expect
      .poll(() => page.getByRole('note').textContent())
      .toMatch(/^Exported .* with whole prompts, answers and sources/)
    await branch(page).waitFor()
    expect(asked).toEqual([pathToFileURL(join(home, 'run.html')).href])
    expect(said).toEqual([])
  })

  it('shows a sub-query with its whole prompt, and a hostile one stays text', async () => {
    const { page, said } = await opened('run.html')
    await branch(page).click()
    await page.getByRole('button', { name: 'Prompt', exact: true }).click()
    await page.getByRole('button', { name: 'Text', exact: true }).click()
    const prompt = page.locator('pre', { hasText: 'Prompt 0:' })
    await expect.poll(() => prompt.textContent()).toContain(HOSTILE)
    expect((await prompt.textContent())?.length).toBeGreaterThan(1000)
    expect(await broken(page)).toBeUndefined()
    expect(said).toEqual([])
  })

  it('shows the answer, the trace, and what was measured, and offers nothing that acts', async () => {
    const { page, said } = await opened('run.html')
    await page.getByRole('link', { name: /^Answer/ }).click()
    await page.getByText('It is. </script>').waitFor()
    await page.getByRole('link', { name: /^Trace/ }).click()
    await page.getByText('RunInit').waitFor()
    await page.getByRole('link', { name: /^Metrics/ }).click()
    await page.getByText('accuracy').first().waitFor()
    expect(await page.getByRole('button', { name: /Star|Cancel|Copy link/ }).count()).toBe(0)
    await page.getByRole('link', { name: /^Comments/ }).click()
    expect(await page.getByText('Say something').count()).toBe(0)
    expect(await broken(page)).toBeUndefined()
    expect(said).toEqual([])
  })

  it('shows what it cost in the other currency, at the rate that the file carries', async () => {
    const { page, said } = await opened('run.html')
    await page.getByRole('button', { name: 'Show costs in dollars' }).click()
    await page.getByText('≈ $0.040').first().waitFor()
    await page.getByRole('button', { name: 'Show costs in sats' }).click()
    await vi.waitFor(async () => expect(await page.getByText('≈ $0.040').count()).toBe(0))
    expect(said).toEqual([])
  })

  it('opens the runs below its own: in the tree, and as pages', async () => {
    const { page, asked, said } = await opened('run.html')
    await expect
      .poll(() => page.getByRole('note').textContent())
      .toContain('2 runs below it are in it')
    await branch(page).click()
    await page.keyboard.press('ArrowRight')
    const tree = page.getByRole('treegrid')
    const part = tree.getByRole('row', { name: /part run/ })
    await part.getByRole('button', { name: 'Open', exact: true }).click()
    await tree.getByText('q-of-part').waitFor()
    const footnote = tree.getByRole('row', { name: /footnote run/ })
    await footnote.getByRole('button', { name: 'Open', exact: true }).click()
    await tree.getByText('q-of-footnote').click()
    await page.getByText('Answer of footnote').first().waitFor()
    await part.getByRole('link', { name: 'The page of part' }).click()
    await page.getByRole('heading', { name: 'part', exact: true }).waitFor()
    await page.getByRole('link', { name: 'Is it safe?', exact: false }).click()
    await page.getByRole('heading', { name: 'run-1', exact: true }).waitFor()
    expect(asked).toHaveLength(1)
    expect(said).toEqual([])
  })

  it('has no whole text where these were left out, and says so', async () => {
    const { page } = await opened('short.html')
    await expect.poll(() => page.getByRole('note').textContent()).toContain('previews only')
    await branch(page).click()
    await page.getByRole('button', { name: 'Prompt', exact: true }).click()
    await page.getByText('whole texts were left out of this export').waitFor()
  })

  it('compares runs, groups them, and opens each', async () => {
    const { page, asked, said } = await opened('runs.html')
    await page.getByRole('heading', { name: 'exports' }).waitFor()
    await page.getByText('run-2').first().waitFor()
    await page.getByRole('button', { name: /^Group/ }).click()
    await page.getByRole('menuitem', { name: /chunk/ }).click()
    await page.getByText('512').first().waitFor()
    await page.getByText('run-2').first().dblclick()
    await page.getByText('Fan-out timeline').waitFor()
    await page.getByRole('link', { name: 'experiment:exports' }).click()
    await page.getByRole('heading', { name: 'exports' }).waitFor()
    expect(asked).toHaveLength(1)
    expect(said).toEqual([])
  })

  it('draws what it compares, and some of it side by side', async () => {
    const { page, asked, said } = await opened('runs.html')
    await page.getByRole('img', { name: /against .* of 3 runs; \d on the frontier/ }).waitFor()
    await page.getByRole('img', { name: /^3 runs across .*accuracy/ }).waitFor()
    const line = 'accuracy over 5 values: from 0.300 to 0.700, between 0.300 and 0.700'
    await page.getByRole('grid').getByRole('img', { name: line }).waitFor()
    await page.getByRole('checkbox', { name: 'Mark run-0' }).check()
    await page.getByRole('checkbox', { name: 'Mark run-2' }).check()
    await page.getByRole('button', { name: /^Compare 2/ }).click()
    await page.getByRole('region', { name: '2 runs side by side' }).waitFor()
    await page.getByRole('img', { name: 'accuracy, 2 curves' }).waitFor()
    await expect.poll(() => page.getByRole('application').count()).toBe(2)
    expect(asked).toHaveLength(1)
    expect(said).toEqual([])
  })

  it('lets no script run but its own, by a policy that knows no network', async () => {
    const { page } = await opened('run.html')
    await page.locator('canvas').first().waitFor()
    const added = await page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'window.broken = 3'
      document.body.append(script)
      return fetch('https://example.org/').then(
        () => 'reached',
        () => 'refused',
      )
    })
    expect(added).toBe('refused')
    expect(await broken(page)).toBeUndefined()
    expect(readFileSync(join(home, 'run.html'), 'utf8')).toContain("connect-src 'none'")
  })
})

/** The first sub-query in the tree. */
const branch = (page: Page) =>
  page
    .getByRole('treegrid')
    .getByRole('row')
    .filter({ hasText: /q-1sub/ })

/** Whether anything but one colour stands on the first canvas. */
const isPainted = (page: Page): Promise<boolean> =>
  page
    .locator('canvas')
    .first()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas
      const pixels = canvas.getContext('2d')?.getImageData(0, 0, width, height).data ?? []
      return new Set(new Uint32Array((pixels as Uint8ClampedArray).buffer)).size > 3
    })
