import type { Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, Scene } from '../board'
import { settled } from '../looking'
import { isThere } from '../places'

const RECORDER = `
import sys
import rlmboard

home = sys.argv[1]
with rlmboard.init("What was told?", home=home, id="told", experiment="stories") as run:
    for n in range(4):
        run.subquery("Prompt", id=f"q-{n}", provider="p").returned("Answer", cost_sats=1)
    run.log({"accuracy": 0.5})
    run.output = "It was."
run = rlmboard.init("What goes on?", home=home, id="going")
print("begun", flush=True)
for line in sys.stdin:
    for n in range(int(line)):
        run.subquery("Prompt", provider="p").returned("Answer", cost_sats=1)
    print("done", flush=True)
`

const PROBLEM = {
  type: 'internal',
  title: 'Something went wrong',
  status: 500,
  detail: 'The log of the board says what.',
  position: null,
}

const failed = (route: Route) =>
  route.fulfill({
    status: 500,
    contentType: 'application/problem+json',
    body: JSON.stringify(PROBLEM),
  })

/** A page, what of its questions fails, and what must be there all the same. */
const PARTS = [
  ['', 'overview*', 'Recent runs'],
  ['', 'providers*', 'Recent runs'],
  ['', 'experiments*', 'Recent runs'],
  ['/runs', 'views', 'What was told?'],
  ['/runs', 'latency*', 'What was told?'],
  ['/runs', 'facets*', 'What was told?'],
  ['/runs/told?sel=q-1', 'runs/told/sub-query*', 'Recursion tree'],
  ['/runs/told?tab=answer', 'runs/told/citations', 'It was.'],
  ['/runs/told?tab=answer', 'runs/told/output', 'It was.'],
  ['/settings', 'doctor', 'Folder'],
  ['/experiments/stories', 'experiments/stories', 'told'],
] as const

describe.skipIf(!isThere)('a page whose board has trouble', () => {
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

  const routes = [
    ...['', '/runs', '/runs/told', '/experiments', '/experiments/stories'],
    ...[`/compare?runs=${encodeURIComponent('["told"]')}`, '/providers', '/settings'],
  ]

  it('says on each page what failed, and leaves the way to the others', async () => {
    const { page } = await scene.open('')
    await page.context().route('**/api/rlm/**', failed)
    const looked = async (path: string): Promise<string[]> => {
      const tab = await page.context().newPage()
      await tab.goto(scene.address + path)
      const alert = tab.getByRole('alert').first()
      const isSaid = await alert.waitFor({ timeout: 20_000 }).then(
        () => true,
        () => false,
      )
      const leads = await tab.getByRole('link', { name: 'Providers' }).first().isVisible()
      return [...(isSaid ? [] : [`${path} says nothing`]), ...(leads ? [] : [`${path} is an end`])]
    }
    expect((await Promise.all(routes.map(looked))).flat()).toEqual([])
    await page.context().close()
  })

  it('goes on with all but the part whose answer failed', async () => {
    const { page, said } = await scene.open('/settings')
    const silent: string[] = []
    for (const [path, what, sign] of PARTS) {
      await page.route(`**/api/rlm/${what}`, failed)
      await page.goto(scene.address + path)
      await page
        .getByText(sign)
        .first()
        .waitFor()
        .catch(() => silent.push(`${path} without ${what}`))
      await page.unroute(`**/api/rlm/${what}`)
    }
    expect(silent).toEqual([])
    expect(said).toEqual([])
    await page.context().close()
  })

  it('works on a machine without any network', async () => {
    const { page } = await scene.open('/settings')
    await page.addInitScript(() => {
      Object.defineProperty(navigator, 'onLine', { get: () => false })
      addEventListener('load', () => dispatchEvent(new Event('offline')))
    })
    await page.goto(`${scene.address}/experiments`)
    await page.getByRole('navigation').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('r')
    await page.getByText('What was told?').first().click()
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    await page.context().close()
  })

  it('shows grey rows only for what takes longer than 200 ms', async () => {
    const { page } = await scene.open('/settings')
    await page.addInitScript(() => {
      const held: (() => void)[] = []
      const later = setTimeout
      const hold = (call: () => void, after_ms: number) =>
        after_ms === 200 ? -held.push(call) : later(call, after_ms)
      Object.assign(window, { setTimeout: hold, pass200ms: () => held.map((call) => call()) })
    })
    const asked: Route[] = []
    await page.route('**/api/rlm/runs?*', (route) => void asked.push(route))
    await page.goto(`${scene.address}/runs`)
    const status = page.locator('main [role=status]').filter({ hasText: /^Loading/ })
    await status.first().waitFor({ state: 'attached' })
    expect(await status.locator('i').count()).toBe(0)
    await page.evaluate(() => (window as unknown as { pass200ms: () => void }).pass200ms())
    await status.locator('i').first().waitFor()
    for (const route of asked) await route.continue()
    await page.unroute('**/api/rlm/runs?*')
    await page.getByText('What was told?').first().waitFor()
    await page.context().close()
  })

  it('follows nothing while nobody looks, and is up to date when somebody does', async () => {
    const { page } = await scene.open('/settings')
    let open = 0
    page.on('websocket', (socket) => {
      open += 1
      socket.on('close', () => {
        open -= 1
      })
    })
    await page.goto(`${scene.address}/runs/going`)
    await settled(page)
    await expect.poll(() => open).toBe(1)
    const turn = (hidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        Object.defineProperty(document, 'visibilityState', {
          value: hidden ? 'hidden' : 'visible',
          configurable: true,
        })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await turn(true)
    await expect.poll(() => open).toBe(0)
    recorder.say('50')
    await recorder.line()
    await turn(false)
    await page.waitForFunction(
      () =>
        Number(document.querySelector<HTMLElement>('canvas[role=application]')?.dataset.drawn) >=
        101,
    )
    expect(open).toBe(1)
    await page.context().close()
  })

  it('tries a run again by itself whose picture could not be had', async () => {
    const { page } = await scene.open('/settings')
    let left = 2
    await page.route('**/picture*', (route) => {
      left -= 1
      return left >= 0
        ? route.fulfill({
            status: 503,
            contentType: 'application/problem+json',
            body: JSON.stringify({ ...PROBLEM, status: 503 }),
          })
        : route.continue()
    })
    await page.goto(`${scene.address}/runs/told`)
    await page.waitForFunction(
      () =>
        Number(document.querySelector<HTMLElement>('canvas[role=application]')?.dataset.drawn) > 10,
    )
    await page.context().close()
  })

  it('says what to do where a part of the page itself cannot be loaded', async () => {
    const { page } = await scene.open('/runs/told')
    await settled(page)
    await page.route('**/assets/**', (route) => route.abort())
    await page.getByRole('link', { name: /^Metrics/ }).click()
    await page.getByText('This part of the page could not be loaded').waitFor()
    await page.unroute('**/assets/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('accuracy').first().waitFor()
    await page.context().close()
  })
})
