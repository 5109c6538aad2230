import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from '../board'
import { isThere } from '../places'

const RECORD = `
import sys
import rlmboard

with rlmboard.init("Who says what?", home=sys.argv[1], id="said", tags=["first"]) as run:
    run.subquery("Prompt", id="q-1", provider="p").returned("Answer", cost_sats=1)
`

describe.skipIf(!isThere)('two tabs on one run', () => {
  let scene: Scene
  let context: BrowserContext
  let one: Page
  let other: Page

  beforeAll(async () => {
    scene = await Scene.of((home) => home.recorded(RECORD))
    context = await scene.browser.newContext({ reducedMotion: 'reduce' })
    context.setDefaultTimeout(30_000)
    one = await context.newPage()
    other = await context.newPage()
  })

  afterAll(() => scene?.close())

  const both = (path: string) =>
    Promise.all([one, other].map((page) => page.goto(scene.board.address + path)))

  async function labels(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Name, tags, note' }).click()
    await page.getByRole('dialog').waitFor()
  }

  const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true }).click()

  it('show the same name after both gave one: the last', async () => {
    await both('/runs/said')
    for (const [page, name] of [
      [one, 'the first name'],
      [other, 'the last name'],
    ] as const) {
      await labels(page)
      await page.getByRole('textbox', { name: 'Name' }).fill(name)
      await save(page)
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await page.getByRole('heading', { name }).waitFor()
    }
    await one.getByRole('heading', { name: 'the last name' }).waitFor()
  })

  it('take nothing back of what the other said meanwhile', async () => {
    await both('/runs/said')
    await Promise.all([labels(one), labels(other)])
    await one.getByRole('textbox', { name: 'Note' }).fill('a note')
    await save(one)
    await other.getByRole('textbox', { name: 'Tags' }).fill('first second')
    await save(other)
    await other.getByRole('dialog').waitFor({ state: 'detached' })
    await one.getByRole('dialog').waitFor({ state: 'detached' })
    // A dialog shows what was known when it was opened.
    await expect
      .poll(async () => {
        await labels(one)
        const said = ['Tags', 'Note'].map((name) => one.getByRole('textbox', { name }).inputValue())
        const found = await Promise.all(said)
        await one.keyboard.press('Escape')
        await one.getByRole('dialog').waitFor({ state: 'detached' })
        return found
      })
      .toEqual(['first second', 'a note'])
  })

  it('show the remarks of both', async () => {
    await both('/runs/said?tab=comments')
    for (const [page, text] of [
      [one, 'said in one'],
      [other, 'said in the other'],
    ] as const) {
      await page.getByLabel('Comment').fill(text)
      await page.getByRole('button', { name: 'Add' }).click()
    }
    for (const page of [one, other])
      for (const text of ['said in one', 'said in the other'])
        await page.getByText(text, { exact: true }).waitFor()
  })

  it('show the same star in the list and on the run', async () => {
    await one.goto(`${scene.board.address}/runs`)
    await other.goto(`${scene.board.address}/runs/said`)
    await one.getByRole('checkbox', { name: 'Select the last name' }).click()
    const bar = one.getByRole('toolbar')
    await bar.getByRole('button', { name: /^Star/ }).click()
    await other.locator('[aria-label=Star][aria-pressed=true]').waitFor()
    await other.getByRole('button', { name: 'Star', exact: true }).click()
    await bar.getByRole('button', { name: /^Star/ }).waitFor()
  })

  it('show the same saved views', async () => {
    await both('/runs?filter=tag:first')
    await one.getByRole('button', { name: 'Save view' }).click()
    await one.getByRole('textbox', { name: 'Name' }).fill('Those of the first')
    await save(one)
    for (const page of [one, other])
      await page.getByRole('link', { name: /Those of the first/ }).waitFor()
    await other.getByRole('button', { name: 'Remove the view Those of the first' }).click()
    for (const page of [one, other])
      await page.getByRole('link', { name: /Those of the first/ }).waitFor({ state: 'detached' })
  })
})
