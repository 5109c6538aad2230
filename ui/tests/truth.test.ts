import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from './board'
import { isThere, putGolden } from './places'

const RECORD = `
import json, os, sys, time
from pathlib import Path
import rlmboard
from rlmboard.folder import Home, prune_payloads

home = sys.argv[1]
long = "a long answer, word by word. " * 200
for name in ("pruned", "previews"):
    with rlmboard.init("What was kept?", home=home, id=name,
                       payloads="preview" if name == "previews" else "full") as run:
        with run.subquery("Why? " + long, provider="p", id="q-1") as asked:
            asked.returned(long)
prune_payloads(Home(home).run("pruned"))

folder = Path(home, "runs", "far-away")
folder.mkdir(parents=True)
golden = Path(sys.argv[2], "interrupted", "trace.jsonl").read_bytes()
(folder / "trace.jsonl").write_bytes(b"".join(golden.splitlines(keepends=True)[:5]))
config = {"format": 1, "run_id": "far-away", "query": "Is it alive?", "config": {},
          "started_at": "2026-01-05T10:00:00Z", "boot_id": "of-another-machine", "host": "far",
          "pid": 1}
(folder / "config.json").write_text(json.dumps(config))
beat = folder / "heartbeat"
beat.write_text(json.dumps({"pid": 1, "boot_id": "of-another-machine", "host": "far"}))
os.utime(beat, (time.time() - 3600,) * 2)
Home(home).mark("far-away")
`
const GOLDEN = [
  'inferred-times',
  'inferred-parents',
  'budget-stop',
  'timeout',
  'damaged',
  'interrupted',
] as const

describe.skipIf(!isThere)('what the page of a run does not know', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      putGolden(home.path, ...GOLDEN)
      home.recorded(RECORD, join(import.meta.dirname, '../../golden'))
    })
  })
  afterAll(() => scene?.close())

  async function opened(path: string): Promise<Page> {
    const page = await scene.browser.newPage({ viewport: { width: 1440, height: 900 } })
    page.setDefaultTimeout(30_000)
    await page.goto(`${scene.address}/runs/${path}`)
    await page.locator('canvas[data-drawn]:not([data-drawn="0"])').first().waitFor()
    return page
  }

  const told = (page: Page) => page.getByRole('list', { name: 'What to know of this record' })
  const figure = async (page: Page, label: string) =>
    page
      .getByRole('region', { name: 'The run in figures' })
      .getByText(label, { exact: true })
      .locator('..')
      .textContent()

  it('a cost that nobody reported is unknown, and never zero', async () => {
    const page = await opened('inferred-times')
    await told(page).getByText('Cost of 2 attempts unknown').waitFor()
    await expect.poll(() => figure(page, 'Cost')).toBe('Costunknown')
    await page.getByText('none of 2 attempts reported a price').waitFor()
    await page.close()
  })

  it('usage that was estimated is marked', async () => {
    const page = await opened('budget-stop')
    await told(page).getByText('Usage of 1 attempt estimated').waitFor()
    await expect.poll(() => figure(page, 'Tokens')).toContain('≈')
    await page.close()
  })

  it('times that were inferred are counted, said, and drawn with frayed ends', async () => {
    const page = await opened('inferred-times')
    await told(page)
      .getByText(/Times of \d calls inferred/)
      .waitFor()
    await page.getByRole('button', { name: 'Table', exact: true }).click()
    await page.getByText('inferred', { exact: false }).nth(1).waitFor()
    await expect
      .poll(() => page.getByRole('row', { name: /q-001/ }).first().textContent())
      .toContain('≈')
    await page.close()
  })

  it('parents that were inferred are counted, and marked in the tree, the panel and the table', async () => {
    const page = await opened('inferred-parents?sel=q-002')
    await told(page).getByText('Parents of 2 calls inferred: marked ≈ in the tree').waitFor()
    const tree = page.getByRole('treegrid')
    const row = (id: string) => tree.getByRole('row').filter({ hasText: id })
    await expect.poll(() => row('q-002').textContent()).toContain('≈ parent inferred')
    expect(await row('q-003').textContent()).not.toContain('inferred')
    await expect.poll(() => row('q-004').getAttribute('aria-level')).toBe('4')
    await page.getByText('Parent inferred: nobody stated it', { exact: false }).last().waitFor()
    await page.getByRole('button', { name: 'Table', exact: true }).click()
    const told_row = page.getByRole('row', { name: /^q-004/ }).first()
    await expect.poll(() => told_row.textContent()).toContain('below ≈ q-003 (inferred)')
    await page.close()
  })

  it('events that were lost are counted', async () => {
    const page = await opened('timeout')
    await told(page).getByText('2 events lost: the disk did not take them').waitFor()
    await page.close()
  })

  it('damaged lines and events of a later version are counted', async () => {
    const page = await opened('damaged')
    await told(page)
      .getByText(/^\d+ damaged lines$/)
      .waitFor()
    await told(page)
      .getByText(/events? of a later version, kept and not read/)
      .waitFor()
    await page.close()
  })

  it('texts that were removed say so, with their previews', async () => {
    const page = await opened('pruned?sel=q-1')
    await told(page).getByText('Prompts and answers were removed').waitFor()
    await page.getByText('The whole text was removed; this is its preview.').waitFor()
    await page.close()
  })

  it('texts that were never kept whole say that they are previews', async () => {
    const page = await opened('previews?sel=q-1')
    await told(page).getByText('Prompts and answers kept as previews only').waitFor()
    await page.getByText('A preview: the whole text is not here.').waitFor()
    await page.close()
  })

  it('a run whose machine cannot be asked is presumed interrupted, and said to be', async () => {
    const page = await opened('far-away')
    await page.locator('header').getByText('presumed interrupted').first().waitFor()
    await told(page).getByText('Presumed interrupted: its last heartbeat').waitFor()
    // Nobody knows when it ended.
    await expect.poll(() => figure(page, 'Last heard of')).toContain('20')
    await page.close()
  })
})
