import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, Scene } from '../board'
import { nowOf } from '../looking'
import { isThere } from '../places'

const RECORDER = `
import sys
import rlmboard

home = sys.argv[1]
with rlmboard.init("What is over?", home=home, id="over", experiment="times") as run:
    run.subquery("Prompt", provider="p").returned("Answer", cost_sats=1)
run = rlmboard.init("What goes on?", home=home, id="going", name="going on")
run.subquery("Prompt", id="open", provider="p")
print("begun", flush=True)
for line in sys.stdin:
    run.subquery("Prompt", provider="p").returned("Answer", cost_sats=1)
    print("done", flush=True)
`

const TEN_MINUTES_MS = 600_000
/** As long as a slow machine may take to say it. */
const SLACK_MS = TEN_MINUTES_MS / 5

describe.skipIf(!isThere)('a browser whose clock is ten minutes off', () => {
  let scene: Scene
  let recorder: Program
  let begun_ms: number

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      recorder = new Program(RECORDER, home.path)
      return recorder.line()
    })
    begun_ms = Date.now()
  })

  afterAll(async () => {
    await recorder?.end()
    await scene?.close()
  })

  /** A page whose clock goes as ours does, so much before or after it. */
  async function shifted(path: string, by_ms: number): Promise<Page> {
    const { page } = await scene.open('/settings')
    await page.addInitScript((by_ms) => {
      const Real = Date
      class Shifted extends Real {
        constructor(...said: unknown[]) {
          super(...((said.length ? said : [Real.now() + by_ms]) as [number]))
        }
        static override now(): number {
          return Real.now() + by_ms
        }
      }
      globalThis.Date = Shifted as DateConstructor
    }, by_ms)
    await page.goto(scene.address + path)
    return page
  }

  const CLOCKS = [-TEN_MINUTES_MS, TEN_MINUTES_MS]

  it.each(CLOCKS)('shows a live run where it is, silent or not (%d ms)', async (by_ms) => {
    const page = await shifted('/runs/going', by_ms)
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    await page.getByText('Elapsed').waitFor()
    const silent = (await nowOf(page)) / 1000
    const really_ms = Date.now() - begun_ms
    expect(Math.abs(silent - really_ms)).toBeLessThan(SLACK_MS)
    const canvas = page.locator('canvas[role=application]')
    const before = await canvas.getAttribute('data-drawn')
    recorder.say('one more')
    await recorder.line()
    await expect.poll(() => canvas.getAttribute('data-drawn')).not.toBe(before)
    const told = (await nowOf(page)) / 1000
    expect(Math.abs(told - (Date.now() - begun_ms))).toBeLessThan(SLACK_MS)
    await page.context().close()
  })

  it.each(CLOCKS)(
    'says how long ago things were by the clock of the board (%d ms)',
    async (by_ms) => {
      const page = await shifted('/experiments', by_ms)
      const row = page.getByRole('row').filter({ hasText: 'times' })
      await expect
        .poll(() => row.getByRole('gridcell').last().innerText())
        .toMatch(/^(now|[1-4] min)$/)
      await page.goto(scene.address)
      const recent = page.getByRole('link', { name: /over/ }).last()
      await expect.poll(() => recent.innerText()).toMatch(/(now|[1-4] min)$/)
      await page.context().close()
    },
  )
})
