import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Board, Home, opened, Program } from '../board'
import { CuttingProxy } from '../cutting'
import { pictureOf } from '../looking'
import { isThere, launched } from '../places'

/** Emits as the line that it hears says: the run, and how many sub-queries. */
const RECORDER = `
import random, sys, time
import rlmboard

home = sys.argv[1]
while line := sys.stdin.readline():
    name, count = line.split()
    draw = random.Random(name)
    run = rlmboard.init("What is cut?", home=home, id=name, config={"budget_sats": 9_000, "quorum": "90%"})
    print("begun", flush=True)
    sys.stdin.readline()
    for n in range(int(count)):
        q = run.subquery(f"Prompt {n} of {name}", provider=f"p-{n % 5}", model=f"m-{n % 3}")
        chance = draw.random()
        if chance < 0.05:
            q.failed(f"no {n}")
        elif chance < 0.95:
            q.returned(f"Answer {n}", cost_sats=n % 7, tokens=(100 + n, n % 50))
        if n % 10 == 0:
            run.log({"loss": 1 / (n + 1)})
        if n % 8 == 0:
            time.sleep(0.012)
    run.output = "All of it."
    run.finish()
    print("done", flush=True)
`

const SEEDS_AT_ONCE = 4
const MOST_BYTES = 120_000

vi.setConfig({ testTimeout: 60_000 })

describe.skipIf(!isThere)('a page whose connections are cut at random points', () => {
  const home = new Home()
  let board: Board
  let browser: Browser
  let recorder: Program

  beforeAll(async () => {
    recorder = new Program(RECORDER, home.path)
    board = await Board.serving(home.path)
    browser = await launched()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await recorder?.end()
    await board?.stop()
    home.remove()
  })

  /** A page that follows a run through a proxy of its own. */
  async function through(seed: number, run: string): Promise<{ page: Page; proxy: CuttingProxy }> {
    const proxy = await CuttingProxy.before(board.port, seed, MOST_BYTES)
    const at = `http://127.0.0.1:${proxy.port}/rlm/runs/${run}`
    const { page } = await opened(browser, at, { viewport: { width: 400, height: 300 } })
    await page.locator('canvas[role=application]').waitFor()
    return { page, proxy }
  }

  it.each([1, 101])('ends with the picture of a full reload (seeds from %i)', async (first) => {
    const run = `cut-${first}`
    recorder.say(`${run} 1000`)
    expect(await recorder.line()).toBe('begun')
    const seeds = Array.from({ length: SEEDS_AT_ONCE }, (_, n) => first + n)
    const followed = await Promise.all(seeds.map((seed) => through(seed, run)))
    for (const { proxy } of followed) proxy.isCutting = true
    recorder.say('go')
    expect(await recorder.line()).toBe('done')
    for (const { proxy } of followed) proxy.isCutting = false
    for (const { page } of followed)
      await page.getByText('completed', { exact: true }).first().waitFor()

    const fresh = await opened(browser, `${board.address}/runs/${run}`)
    await fresh.page.locator('canvas[role=application]').waitFor()
    const whole = await pictureOf(fresh.page)
    for (const { page, proxy } of followed) {
      expect(await pictureOf(page)).toEqual(whole)
      expect(proxy.cuts).toBeGreaterThan(2)
      await page.context().close()
      await proxy.close()
    }
    await fresh.page.context().close()
  })
})
