import { appendFileSync, cpSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { opened, Scene } from '../board'
import { settled } from '../looking'
import { isThere } from '../places'
import { routesOf } from '../routes'

const GOLDEN = resolve(import.meta.dirname, '../../../golden')
const HTML = '</script><script>broken = 1</script><img src=x onerror="broken = 2"><b>bold</b>'
const MARKDOWN =
  '[x](javascript:broken=3) [y](java&#115;cript:broken=5) [z](data:text/html,broken) [v][w] ' +
  '[in](/api/rlm/runs) ![i](http://203.0.113.9/i.png) <svg onload=broken=4>\n\n[w]: vbscript:broken'

const CODES = '\u001b[31mred\u001b[0m \u001b]0;title\u0007'
const TURNED = '\u202eturned \u05e9\u05dc\u05d5\u05dd \u{1f469}\u200d\u{1f52c}'
const EXPERIMENT = '../../etc/p%2Fasswd'
const TEN_MB = 10_000_000

const RECORD = `
import sys, pathlib
import rlmboard

home, html, markdown, codes, turned, experiment = sys.argv[1:]
all_of_it = f"{html} {markdown} {codes} {turned}"
kept = pathlib.Path(home, "kept.html")
kept.write_text(html)
config = {"model": html, html[:40]: turned, "a/../b": ["../..", codes]}
with rlmboard.init(all_of_it, home=home, id="hostile", name=f"{turned} {html}", config=config,
                   tags=[html[:60], "../..", turned], experiment=experiment) as run:
    run.note(all_of_it)
    run.artifact(str(kept), name="../../" + html[:50])
    for n, provider in enumerate((html[:60], "../../etc/passwd", turned, "plain")):
        with run.subquery(all_of_it, id=f"q/../{n}", provider=provider, model=html[:40]) as q:
            q.returned(all_of_it, cost_sats=1, tokens=(1, 1))
    run.subquery(all_of_it, id="fails", provider=html[:60]).failed(all_of_it)
    run.log({html[:40]: 1.0, "../x": 2.0})
    run.log({html[:40]: 2.0, "../x": 1.0})
    run.output = f"# A heading\\n\\n{all_of_it}"
with rlmboard.init("How long is it?", home=home, id="long", experiment=experiment) as run:
    size = ${TEN_MB}
    for name, text in (("words", "word " * (size // 5)), ("json", '{"a": [' + "1, " * (size // 3) + "1]}")):
        run.subquery("say much", id=name, provider="plain").returned(text)
    run.output = "long " * (size // 5)
`

describe.skipIf(!isThere)('what runs say, whoever wrote it', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of((home) => {
      home.recorded(RECORD, HTML, MARKDOWN, CODES, TURNED, EXPERIMENT)
      cpSync(join(GOLDEN, 'damaged'), join(home.path, 'runs/damaged'), { recursive: true })
    })
  })

  afterAll(() => scene?.close())

  /** What is seen must be words: no code ran, no element was made, no code of a terminal is left. */
  async function isHarmless(page: Page): Promise<string[]> {
    return page.evaluate(() => {
      const text = document.body.innerText
      return [
        (window as { broken?: number }).broken !== undefined && 'a script ran',
        document.querySelector('main img, main script, main [onload], main [onerror]') &&
          'an element was made',
        document.querySelector('main [target=_blank]:not([href^="http" i])') &&
          'a text leads elsewhere than to a page of another site',
        document.querySelector('[href*="script:" i], [href^="data:" i]') && 'a link runs a script',
        text.includes('\u001b') && 'a code for terminals is shown',
        /(?<!\\u001b)\[31m/.test(text) && 'the rest of a code is shown',
      ].filter((one) => typeof one === 'string')
    })
  }

  it('is words on every page, and nobody else is asked for anything', async () => {
    const { page, said, foreign } = await opened(scene.browser, scene.board.address)
    const found: string[] = []
    for (const path of routesOf('hostile', 'q/../0', EXPERIMENT, '../../etc/passwd')) {
      await page.goto(scene.board.address + path)
      if (path.includes('view=report')) continue // the same parts, without the bar
      await settled(page)
      found.push(...(await isHarmless(page)).map((one) => `${path}: ${one}`))
    }
    expect(found).toEqual([])
    expect(said).toEqual([])
    expect(foreign).toEqual([])
    await page.context().close()
  })

  it.each(['Markdown', 'JSON', 'Text'])(
    'is words in a sub-query that is read as %s',
    async (manner) => {
      const { page, said, foreign } = await opened(
        scene.browser,
        `${scene.board.address}/runs/hostile?sel=${encodeURIComponent('q/../2')}`,
      )
      for (const which of ['Prompt', 'Answer']) {
        await page.getByRole('button', { name: which, exact: true }).click()
        await page.getByRole('button', { name: manner, exact: true }).click()
        await page.getByText('<b>bold</b>').last().waitFor()
        expect(await isHarmless(page)).toEqual([])
      }
      expect([...said, ...foreign]).toEqual([])
      await page.context().close()
    },
  )

  it('is found by the palette and stays words there', async () => {
    const { page, said } = await opened(scene.browser, scene.board.address)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('heading')
    await page.getByRole('option').first().waitFor()
    expect(await isHarmless(page)).toEqual([])
    expect(said).toEqual([])
    await page.context().close()
  })

  it('is reached through its links, whatever its name', async () => {
    const { page, said } = await opened(scene.browser, `${scene.board.address}/experiments`)
    await page.getByText(EXPERIMENT).first().click()
    await page.getByRole('heading', { name: EXPERIMENT }).waitFor()
    await page.getByRole('grid', { name: /Comparison of 2 runs/ }).waitFor()
    await page.goto(`${scene.board.address}/providers?window=all`)
    await page.getByText('../../etc/passwd', { exact: true }).first().click()
    await page.getByText('Errors by class').waitFor()
    await page
      .getByRole('link', { name: /q\/\.\.\/1/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/rlm/runs/hostile')
    expect(said).toEqual([])
    await page.context().close()
  })

  it('turns nothing round that stands beside it', async () => {
    const { page } = await opened(scene.browser, `${scene.board.address}/runs/hostile`)
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    const isolated = await page.evaluate(() =>
      [...document.querySelectorAll('code, b, small, .ell')].every((one) =>
        /isolate|plaintext/.test(getComputedStyle(one).unicodeBidi),
      ),
    )
    expect(isolated).toBe(true)
    await page.context().close()
  })

  /** How much a browser has to lay out, which is what makes a page slow. */
  const drawnBytes = (page: Page) => page.evaluate(() => document.body.innerHTML.length)

  it.each(['words', 'json'])(
    'may be ten megabytes (%s): begun at once, whole when asked for',
    async (query) => {
      const { page, said } = await opened(
        scene.browser,
        `${scene.board.address}/runs/long?sel=${query}`,
        {
          permissions: ['clipboard-read', 'clipboard-write'],
        },
      )
      await page.getByText('The beginning of a long text.').waitFor()
      await page.getByRole('button', { name: 'Load the rest' }).click()
      await page.getByText('copying takes all of it').waitFor()
      expect(await drawnBytes(page)).toBeLessThan(TEN_MB / 20)
      await page.getByRole('button', { name: 'Copy the text' }).click()
      await page.getByText('copied').first().waitFor({ state: 'attached' })
      const copied = await page.evaluate(async () => (await navigator.clipboard.readText()).length)
      expect(copied).toBeGreaterThan(TEN_MB - 10)
      expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2_500)
      expect(said).toEqual([])
      await page.context().close()
    },
  )

  it('may be an answer of ten megabytes', async () => {
    const { page, said } = await opened(
      scene.browser,
      `${scene.board.address}/runs/long?tab=answer`,
    )
    await page.getByText('The first 200').waitFor()
    expect(await drawnBytes(page)).toBeLessThan(TEN_MB / 20)
    expect(said).toEqual([])
    await page.context().close()
  })

  it('may be damaged, or of a later version: each line keeps its number, and the page says so', async () => {
    const trace = join(scene.home.path, 'runs/damaged/trace.jsonl')
    const [first] = readFileSync(trace, 'utf8').split('\n')
    const { run_id } = JSON.parse(first)
    const { page, said } = await opened(scene.browser, `${scene.board.address}/runs/damaged`)
    await page.locator('canvas[role=application][data-drawn]').waitFor()
    const before = await page.getByText(/damaged lines?$/).textContent()
    const later = { run_id, timestamp_ms: 1, event: { type: 'OfNextYear', said: HTML } }
    appendFileSync(trace, Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x0a]))
    appendFileSync(trace, `${JSON.stringify(later)}\n{"run_id": 7}\n[]\nnull\n`)
    await page.waitForFunction(
      (before) =>
        [...document.querySelectorAll('li')].some(
          (one) => /damaged lines?$/.test(one.innerText) && !before?.endsWith(one.innerText),
        ),
      before,
    )
    await page.getByRole('link', { name: /^Trace/ }).click()
    await page.getByLabel('Filter lines').fill('OfNextYear')
    await page.getByText('OfNextYear').first().waitFor()
    await page.getByText('(of a later version)').last().waitFor()
    await page.getByLabel('Filter lines').fill('hole')
    await expect.poll(() => page.getByText(/(torn|damaged) line/).count()).toBeGreaterThan(2)
    expect(await isHarmless(page)).toEqual([])
    expect(said).toEqual([])
    await page.context().close()
  })
})
