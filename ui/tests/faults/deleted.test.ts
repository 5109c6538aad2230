import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { opened, Scene } from '../board'
import { isThere, PYTHON } from '../places'

const RECORD = `
import sys
import rlmboard

for name in ("thrown", "erased", "while-away", "open-elsewhere", "kept"):
    with rlmboard.init(f"Where is {name}?", home=sys.argv[1], id=name, experiment="e") as run:
        for n in range(5):
            run.subquery(f"Prompt {n}", provider="p").returned("Answer", cost_sats=1)
        run.output = "Here."
`

describe.skipIf(!isThere)('a run that is deleted while a page shows it', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of((home) => home.recorded(RECORD))
  })

  afterAll(() => scene?.close())

  const folder = (run: string) => join(scene.home.path, 'runs', run)

  function removed(run: string): void {
    const done = spawnSync(join(dirname(PYTHON), 'rlmboard'), ['rm', run], {
      env: { ...process.env, RLMBOARD_HOME: scene.home.path },
      encoding: 'utf8',
    })
    if (done.status !== 0) throw new Error(done.stderr)
  }

  async function shown(run: string): Promise<{ page: Page; said: string[] }> {
    const { page, said } = await opened(scene.browser, `${scene.board.address}/runs/${run}`)
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    return { page, said }
  }

  const deleted = (page: Page) => page.getByText('This run was deleted').first().waitFor()

  it('says so, and takes it out of the trash where it lies there', async () => {
    const { page, said } = await shown('thrown')
    removed('thrown')
    await deleted(page)
    await page.getByRole('button', { name: 'Take it out again' }).click()
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    expect(existsSync(join(folder('thrown'), 'trace.jsonl'))).toBe(true)
    expect(said).toEqual([])
    await page.context().close()
  })

  it('says that nothing of it is left where its folder was erased, and shows it again when it is back', async () => {
    const { page, said } = await shown('erased')
    cpSync(folder('erased'), join(scene.home.path, 'aside'), { recursive: true })
    rmSync(folder('erased'), { recursive: true })
    await deleted(page)
    await page.getByText('neither among the runs nor in the trash').waitFor()
    expect(await page.getByRole('button', { name: 'Take it out again' }).count()).toBe(0)
    renameSync(join(scene.home.path, 'aside'), folder('erased'))
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    expect(said).toEqual([])
    await page.context().close()
  })

  it('says so when it went while the line was down', async () => {
    const { page } = await shown('while-away')
    await scene.board.stop()
    await page.getByText('The board does not answer').waitFor()
    rmSync(folder('while-away'), { recursive: true })
    await scene.board.start()
    await deleted(page)
    await page.context().close()
  })

  it('is gone from the list of another tab, whose undo brings it back to both', async () => {
    const { page: run } = await shown('open-elsewhere')
    const { page: list } = await opened(scene.browser, `${scene.board.address}/runs`)
    const row = list.getByRole('row').filter({ hasText: 'Where is open-elsewhere?' })
    await row.getByRole('checkbox').click()
    await list.getByRole('button', { name: 'Delete' }).click()
    await list.getByText('1 moved to the trash').waitFor()
    await row.waitFor({ state: 'detached' })
    await deleted(run)
    await list.getByRole('button', { name: 'Undo' }).click()
    await row.waitFor()
    await run.locator('canvas[role=application][data-drawn]').waitFor()
    await run.context().close()
    await list.context().close()
  })

  it('was never there: its address says so, and leads to the others', async () => {
    const { page } = await opened(scene.browser, `${scene.board.address}/runs/never-was`)
    await page.getByText('There is no such run').first().waitFor()
    await page.getByRole('link', { name: 'All other runs are here' }).click()
    await page.getByText('Where is kept?').first().waitFor()
    await page.context().close()
  })

  it('leaves a comparison with the rest, and says which is missing', async () => {
    const address = `${scene.board.address}/compare?runs=${encodeURIComponent('["kept","never-was"]')}`
    const { page } = await opened(scene.browser, address)
    await page.getByText(/no run is called 'never-was'/).waitFor()
    await page.context().close()
  })
})
