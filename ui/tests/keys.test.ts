import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Program, Scene } from './board'
import { settled } from './looking'
import { isThere } from './places'

const SRC = resolve(import.meta.dirname, '../src')

const RECORDER = `
import json, sys
import rlmboard

home = sys.argv[1]
for name in ("one", "two", "three"):
    with rlmboard.init(f"What of {name}?", home=home, id=name) as run:
        for n in range(6):
            q = run.subquery("Prompt", id=f"q-{n}", provider="p")
            q.failed("no") if n in (2, 4) else q.returned("Answer", cost_sats=1)
    if name == "one":  # a minute, so that its replay takes one
        *lines, last = run.folder.trace.read_text().splitlines()
        ended = json.loads(last) | {"timestamp_ms": 60_000.0}
        run.folder.trace.write_text("\\n".join([*lines, json.dumps(ended), ""]))
run = rlmboard.init("What goes on?", home=home, id="going")
run.subquery("Prompt", provider="p")
print("begun", flush=True)
sys.stdin.readline()
`

describe.skipIf(!isThere)('by the keyboard alone', () => {
  let scene: Scene
  let recorder: Program
  let page: Page
  let said: string[]

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      recorder = new Program(RECORDER, home.path)
      return recorder.line()
    })
    ;({ page, said } = await scene.open(''))
  })

  afterAll(async () => {
    await recorder?.end()
    await scene?.close()
  })

  async function show(path: string, sign: string): Promise<void> {
    await page.goto(scene.address + path)
    await page.locator(sign).first().waitFor()
  }

  const keys = async (...pressed: string[]) => {
    for (const key of pressed) await page.keyboard.press(key)
  }
  const path = () => new URL(page.url()).pathname
  const param = (name: string) => new URL(page.url()).searchParams.get(name)
  const RUN = 'canvas[role=application][data-drawn]'
  const LIST = '[role=grid] [role=row]'

  it.each([
    ['r', '/rlm/runs'],
    ['e', '/rlm/experiments'],
    ['p', '/rlm/providers'],
    ['s', '/rlm/settings'],
    ['h', '/rlm'],
  ])('g %s leads to %s', async (key, to) => {
    await keys('g', key)
    await expect.poll(path).toBe(to)
  })

  it('Ctrl K finds and jumps, t turns the theme, ? shows the keys, Esc ends both', async () => {
    await show('', 'main')
    await keys('Control+k')
    await page.keyboard.type('Providers')
    await page.getByRole('option', { name: /^Providers/, selected: true }).waitFor()
    await keys('Enter')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(path).toBe('/rlm/providers')
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    const before = await theme()
    await keys('t')
    await expect.poll(theme).not.toBe(before)
    await keys('t')
    await keys('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await keys('t', 'g', 'r')
    expect([await theme(), path()]).toEqual([before, '/rlm/providers'])
    await keys('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await keys('Control+k')
    await page.keyboard.type('theme')
    await keys('Enter')
    await expect.poll(theme).not.toBe(before)
    await keys('t', 'Control+k')
    await page.keyboard.type('three')
    await page.getByRole('option', { name: /^query.*three/i, selected: true }).waitFor()
    await keys('Enter')
    await expect.poll(path).toBe('/rlm/runs/three')
  })

  it('Enter, pressed before the search has answered, takes what it finds', async () => {
    await show('', 'main')
    const held: Route[] = []
    await page.route('**/api/rlm/search?*', (route) => void held.push(route))
    await keys('Control+k')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.type('three')
    await keys('Enter')
    await page.getByText('Looking …').waitFor()
    expect(path()).toBe('/rlm')
    for (const route of held) await route.continue()
    await page.unroute('**/api/rlm/search?*')
    await expect.poll(path).toBe('/rlm/runs/three')
  })

  it('/ filters, j and k move, x selects, s stars, Esc clears, Enter opens', async () => {
    await show('/runs', LIST)
    await keys('/')
    await page.keyboard.type('status:completed')
    await keys('Enter')
    await expect.poll(() => param('filter')).toBe('status:completed')
    await page.getByRole('row').filter({ hasText: 'What goes on?' }).waitFor({ state: 'detached' })
    await page.locator('main').focus()
    await keys('j', 'j', 'k', 'j', 'x')
    await page.getByText('1 selected').waitFor()
    await keys('s')
    await page.getByRole('toolbar').getByText('Unstar').waitFor()
    await keys('l')
    await page.getByRole('dialog', { name: 'Label' }).waitFor()
    await keys('Escape', 'Escape')
    await page.getByText('1 selected').waitFor({ state: 'detached' })
    await keys('j', 'Enter')
    await expect.poll(path).toMatch(/^\/rlm\/runs\/(one|two|three)$/)
  })

  it('e archives what x selected, Delete throws it away, and z takes that back', async () => {
    await show('/runs?filter=status:completed', LIST)
    const rows = page.locator(
      '[role=grid] [role=row]:not(:first-child), [role=rowgroup] [role=row]',
    )
    const count = await rows.count()
    await keys('j', 'x', 'Delete')
    await page.getByText('1 moved to the trash').waitFor()
    await expect.poll(() => rows.count()).toBe(count - 1)
    await keys('z')
    await expect.poll(() => rows.count()).toBe(count)
    await keys('j', 'x')
    await page.getByText('1 selected').waitFor()
    await keys('e')
    await expect.poll(() => rows.count()).toBe(count - 1)
    await page.getByRole('link', { name: /^Archived 1/ }).click()
    await page.getByRole('button', { name: /^Unarchive/ }).click()
    await page.getByRole('link', { name: /^Archived 0/ }).waitFor()
  })

  it('c compares what x selected', async () => {
    await show('/runs?filter=status:completed', LIST)
    await keys('j', 'x', 'j', 'x')
    await page.getByText('2 selected').waitFor()
    await keys('c')
    await expect.poll(path).toBe('/rlm/compare')
    expect(JSON.parse(param('runs') ?? '')).toHaveLength(2)
  })

  it('Enter and Space press the button that has the focus, and nothing else', async () => {
    await show('/runs', LIST)
    await keys('j')
    await page.getByRole('button', { name: /^Columns/ }).focus()
    await keys('Enter')
    await page.getByRole('dialog', { name: 'Columns' }).waitFor()
    expect(path()).toBe('/rlm/runs')
    await keys('Escape')
    await show('/runs/one?at=0', RUN)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    const star = page.getByRole('button', { name: 'Star', exact: true })
    const was = await star.getAttribute('aria-pressed')
    await star.focus()
    await keys('Space')
    await page.locator(`[aria-label=Star]:not([aria-pressed=${was}])`).waitFor()
    await expect.poll(() => page.getByRole('button', { name: 'Play', exact: true }).count()).toBe(1)
  })

  it('letters in a menu choose there, and turn nothing else', async () => {
    await show('/runs', LIST)
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    const before = await theme()
    await page.getByRole('button', { name: /^Group/ }).focus()
    await keys('Enter')
    await page.getByRole('menu').waitFor()
    await keys('t', 'x')
    expect([await theme(), await page.getByText('1 selected').count()]).toEqual([before, 0])
    await keys('Escape')
  })

  it('W A S D move the timeline, F fits it, n goes from failure to failure', async () => {
    await show('/runs/one', RUN)
    const span = () => Number(param('t1')) - Number(param('t0'))
    await keys('w')
    await expect.poll(() => param('t0')).not.toBeNull()
    const whole = span()
    await keys('w')
    await expect.poll(span).toBeLessThan(whole)
    const near = span()
    await keys('s')
    await expect.poll(span).toBeGreaterThan(near)
    const from = Number(param('t0'))
    await keys('a')
    await expect.poll(() => Number(param('t0'))).toBeLessThan(from)
    const earlier = Number(param('t0'))
    await keys('D') // with Caps Lock on it is the same key
    await expect.poll(() => Number(param('t0'))).toBeGreaterThan(earlier)
    await keys('f')
    await expect.poll(() => param('t0')).toBeNull()
    await keys('n')
    await expect.poll(() => param('sel')).toBe('q-2')
    await keys('n')
    await expect.poll(() => param('sel')).toBe('q-4')
    await keys('n')
    await expect.poll(() => param('sel')).toBe('q-2')
    await keys('j')
    await expect.poll(() => param('sel')).toBe('q-3')
    await keys('k', 'k')
    await expect.poll(() => param('sel')).toBe('q-1')
    await keys('Escape')
    await expect.poll(() => param('sel')).toBeNull()
  })

  it('keys that come faster than the page draws each do what they do', async () => {
    await show('/runs/one', RUN)
    await page.evaluate(() => {
      for (const key of ['j', 'j', 'j', 'k', 'j'])
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    })
    await expect.poll(() => param('sel')).toBe('q-2')
  })

  it('the second key of two may come when the page shows what the first did', async () => {
    await show('', 'main')
    await page.evaluate(() => {
      const first = new KeyboardEvent('keydown', { key: 'g', bubbles: true })
      const before = first.timeStamp - 5000 // The page was busy, and hears it only now.
      Object.defineProperty(first, 'timeStamp', { value: before })
      document.body.dispatchEvent(first)
    })
    await keys('r')
    await expect.poll(path).toBe('/rlm/runs')
  })

  it('L follows a live run, and F leaves it', async () => {
    await show('/runs/going', RUN)
    const follow = page.getByTitle('Follow (l)')
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('true')
    await keys('f')
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('false')
    await keys('l')
    await expect.poll(() => follow.getAttribute('aria-pressed')).toBe('true')
  })

  it('Space plays and pauses a replay', async () => {
    await show('/runs/one?at=0', RUN)
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.locator('main').focus()
    await keys('Space')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
  })

  it('every key that does something stands in the help', async () => {
    await show('', 'main')
    await keys('?')
    const help = page.getByRole('dialog', { name: 'Keys' })
    await help.waitFor()
    const told = (await help.locator('dt').allInnerTexts()).join(' ').toLowerCase().split(/\s+/)
    await keys('Escape')
    const untold = bound().filter((key) => !key.split(' ').every((one) => told.includes(one)))
    expect(untold).toEqual([])
  })

  it.each(['', '/runs', '/runs/one?sel=q-2', '/settings'])(
    'the focus is seen wherever it goes, and goes round (%s)',
    async (at) => {
      await show(at, 'main')
      await settled(page)
      const seen: string[] = []
      for (let n = 0; n < 120; n += 1) {
        await keys('Tab')
        const now = await page.evaluate(() => {
          const at = document.activeElement
          if (!at || at === document.body) return null
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
          const isSeen =
            (outlineStyle !== 'none' && outlineWidth !== '0px') ||
            [boxShadow, getComputedStyle(at.parentElement as Element).boxShadow].some(
              (shadow) => shadow !== 'none',
            )
          const name = at.getAttribute('aria-label') ?? at.textContent?.slice(0, 30)
          return { isSeen, name: `${at.tagName} ${name}` }
        })
        if (now === null) break
        if (!now.isSeen) seen.push(now.name)
        if (n === 119) seen.push('it never left the page')
      }
      expect(seen).toEqual([])
    },
  )

  it('nothing of it made the page complain', () => {
    expect(said).toEqual([])
  })
})

/** The keys that components bind, as their code has them. */
function bound(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('KeysHelp.tsx'))
    .map((file) => readFileSync(join(SRC, file), 'utf8'))
  const objects = files.flatMap((text) => [
    ...[...text.matchAll(/useKeys\(\{([^}]*?)\n? *\}(?:, \w+)?\)/gs)].map(([, inside]) => inside),
    ...[...text.matchAll(/: Keys \{.*?return \{(.*?)\n {2}\}/gs)].map(([, inside]) => inside),
  ])
  const names = objects.flatMap((inside) =>
    [...inside.matchAll(/(?:^|[,\n])\s*(?:'([^']+)'|(\w+)):/g)].map(
      ([, quoted, bare]) => quoted ?? bare,
    ),
  )
  const spoken: Record<string, string> = { Escape: 'esc', 'mod+k': 'ctrl k', ' ': 'space' }
  return [...new Set(names.map((name) => spoken[name] ?? name.toLowerCase()))]
}
