import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { opened, Program, Scene } from '../board'
import { CuttingProxy } from '../cutting'
import { pictureOf } from '../looking'
import { isThere } from '../places'

/** Begins the run that it is told, and emits as many sub-queries as each line says, until the last. */
const RECORDER = `
import random, sys, time
import rlmboard

home = sys.argv[1]
while name := sys.stdin.readline().strip():
    draw = random.Random(name)
    n = 0
    run = rlmboard.init("What is cut?", home=home, id=name, config={"budget_sats": 9_000, "quorum": "90%"})
    print("begun", flush=True)
    while (line := sys.stdin.readline().strip()) != "end":
        for n in range(n, n + int(line)):
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
        n += 1
        print("emitted", flush=True)
    run.output = "All of it."
    run.finish()
    print("done", flush=True)
`

const SEEDS_AT_ONCE = 4
const MOST_BYTES = 120_000
/** The run goes on until each page was cut so often, however slowly it comes back. */
const LEAST_CUTS = 3
const MOST_TIMES = 100

describe.skipIf(!isThere)('a page whose connections are cut at random points', () => {
  let scene: Scene
  let recorder: Program

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      recorder = new Program(RECORDER, home.path)
    })
  })

  afterAll(async () => {
    await recorder?.end()
    await scene?.close()
  })

  async function told(line: string): Promise<string> {
    recorder.say(line)
    return recorder.line()
  }

  /** A page that follows a run through a proxy of its own. */
  async function through(seed: number, run: string): Promise<{ page: Page; proxy: CuttingProxy }> {
    const proxy = await CuttingProxy.before(scene.board.port, seed, MOST_BYTES)
    const at = `http://127.0.0.1:${proxy.port}/rlm/runs/${run}`
    const { page } = await opened(scene.browser, at, { viewport: { width: 400, height: 300 } })
    await page.locator('canvas[role=application]').waitFor()
    return { page, proxy }
  }

  it.each([1, 101])('ends with the picture of a full reload (seeds from %i)', async (first) => {
    const run = `cut-${first}`
    expect(await told(run)).toBe('begun')
    const seeds = Array.from({ length: SEEDS_AT_ONCE }, (_, n) => first + n)
    const followed = await Promise.all(seeds.map((seed) => through(seed, run)))
    for (const { proxy } of followed) proxy.isCutting = true
    for (let n = 0; n < MOST_TIMES && followed.some(({ proxy }) => proxy.cuts < LEAST_CUTS); n += 1)
      expect(await told('250')).toBe('emitted')
    expect(await told('end')).toBe('done')
    for (const { proxy } of followed) proxy.isCutting = false
    for (const { page } of followed)
      await page.getByText('completed', { exact: true }).first().waitFor()

    const fresh = await scene.open(`/runs/${run}`)
    await fresh.page.locator('canvas[role=application]').waitFor()
    const whole = await pictureOf(fresh.page)
    for (const { page, proxy } of followed) {
      expect(await pictureOf(page)).toEqual(whole)
      expect(proxy.cuts).toBeGreaterThanOrEqual(LEAST_CUTS)
      await page.context().close()
      await proxy.close()
    }
    await fresh.page.context().close()
  })
})
