import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, Scene } from '../board'
import { isThere } from '../places'

/** A run that goes on as it is told: a number of sub-queries, or the end. */
const RECORDER = `
import sys
import rlmboard

run = rlmboard.init("What goes on?", home=sys.argv[1], id="going", name="going on")
print(run.id, flush=True)
while (line := sys.stdin.readline().strip()) != "end":
    for n in range(int(line)):
        run.subquery(f"Prompt {n}", provider="p").returned("Answer", cost_sats=1)
    print(line, flush=True)
run.finish()
print("ended", flush=True)
`

describe.skipIf(!isThere)('a board that is started anew under an open page', () => {
  let scene: Scene
  let recorder: Program

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      recorder = new Program(RECORDER, home.path)
      return recorder.line()
    })
  })

  afterAll(async () => {
    await recorder?.end()
    await scene?.close()
  })

  async function emitted(count: number): Promise<void> {
    recorder.say(String(count))
    await recorder.line()
  }

  const drawn = (page: Page, least: number) =>
    page.waitForFunction(
      (least) =>
        Number(document.querySelector<HTMLElement>('canvas[role=application]')?.dataset.drawn) >=
        least,
      least,
    )

  const labels = () => readFileSync(join(scene.home.path, 'runs/going/labels.jsonl'), 'utf8')

  it('is said to be away, goes on by itself, and what was asked of it is done', async () => {
    await emitted(10)
    const { page, said } = await scene.open('/runs/going')
    await drawn(page, 21)
    await scene.board.stop()
    await page.getByText('The board does not answer').waitFor()
    await page.getByRole('button', { name: 'Star', exact: true }).click()
    await page.getByRole('alert').getByText('start it again with rlmboard ui').waitFor()
    await emitted(10)

    await scene.board.start()
    await drawn(page, 41)
    await page.getByText(/^Local · 1 run/).waitFor()
    await emitted(10)
    await drawn(page, 61)
    await page.getByRole('button', { name: 'Star', exact: true }).click()
    await page.locator('[aria-pressed=true][aria-label=Star]').waitFor()
    expect(labels()).toContain('"star"')
    await page.getByRole('alert').first().waitFor({ state: 'detached' })
    expect(said).toEqual([])
    await page.context().close()
  })

  it('is asked once for its new token, and says what to do where that did not help', async () => {
    const { page } = await scene.open('/runs/going')
    await page.getByRole('button', { name: 'Star', exact: true }).waitFor()
    await page.route('**/rlm', (route) => route.abort())
    await page.evaluate(() => {
      const token = document.querySelector<HTMLMetaElement>('meta[name=rlmboard-token]')
      if (token) token.content = 'of another start'
    })
    await page.getByRole('button', { name: 'Star', exact: true }).click()
    await page.getByRole('alert').getByText('load the page again').waitFor()
    await page.context().close()
  })

  it('shows what began while it was away in the list', async () => {
    const { page } = await scene.open('/runs')
    await page.getByText('going on').first().waitFor()
    await scene.board.stop()
    await page.getByText('The board does not answer').waitFor()
    scene.home.recorded(
      'import rlmboard, sys; rlmboard.init("x", home=sys.argv[1], id="meanwhile").finish()',
    )
    await expect.poll(() => page.getByText('going on').count()).toBeGreaterThan(0)
    await scene.board.start()
    await page.getByText('meanwhile').first().waitFor()
    await page.context().close()
  })

  it('ends what ended while it was away', async () => {
    const { page } = await scene.open('/runs/going')
    await page.locator('canvas[role=application]').waitFor()
    await scene.board.stop()
    recorder.say('end')
    await recorder.line()
    await scene.board.start()
    await page.getByText('completed', { exact: true }).first().waitFor()
    await page.context().close()
  })
})
