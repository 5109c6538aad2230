import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Board, Home, opened, Program } from './board'
import { isThere, launched } from './places'

const RECORD = `
import sys
import rlmboard

for name in ("one", "two", "three"):
    with rlmboard.init(f"What of {name}?", home=sys.argv[1], id=name, experiment="first") as run:
        run.subquery("Prompt", id="q-1", provider="p").returned("Answer", cost_sats=1)
        run.output = "This."
`

/** Goes on until it is asked to stop. */
const GOES_ON = `
import sys, time
import rlmboard

run = rlmboard.init("What goes on?", home=sys.argv[1], id="going")
run.subquery("Prompt", provider="p")
print("begun", flush=True)
while not run.cancel_requested:
    time.sleep(0.02)
run.cancel()
print("stopped", flush=True)
`

interface Said {
  field: string
  value: unknown
  query_id?: string
}

describe.skipIf(!isThere)('what a person does by hand', () => {
  const home = new Home()
  let board: Board
  let browser: Browser
  let page: Page
  let said: string[]

  beforeAll(async () => {
    home.recorded(RECORD)
    board = await Board.serving(home.path)
    browser = await launched()
    ;({ page, said } = await opened(browser, board.address))
  })

  beforeEach(() => said.splice(0))

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    home.remove()
  })

  const show = (path: string) => page.goto(board.address + path)
  const press = (name: string | RegExp) =>
    page.getByRole('button', { name, exact: typeof name === 'string' }).click()
  const fill = (name: string, text: string) =>
    page.getByRole('textbox', { name, exact: true }).fill(text)

  /** What stands in the folder of a run, latest last. */
  function statements(run: string): Said[] {
    const file = join(home.path, 'runs', run, 'labels.jsonl')
    if (!existsSync(file)) return []
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  const last = (run: string, field: string) =>
    statements(run).findLast((one) => one.field === field)

  const isSaid = (run: string, field: string, value: unknown) =>
    expect
      .poll(() => (last(run, field) ? (last(run, field)?.value ?? null) : 'nothing'))
      .toEqual(value)

  const isCommented = (...comments: [text: string, query: string | undefined][]) =>
    expect
      .poll(() =>
        statements('one')
          .filter((one) => one.field === 'comment')
          .map((one) => [one.value, one.query_id]),
      )
      .toEqual(comments)

  it('a star is given and taken back', async () => {
    await show('/runs/one')
    await press('Star')
    await isSaid('one', 'star', true)
    await page.locator('[aria-label=Star][aria-pressed=true]').click()
    await isSaid('one', 'star', null)
  })

  it('name, tags, experiment and note are written where they were changed', async () => {
    await show('/runs/one')
    await press('Name, tags, note')
    await fill('Name', 'the best')
    await fill('Tags', 'nightly, good')
    await fill('Note', 'seen twice')
    await press('Save')
    await page.getByRole('heading', { name: 'the best' }).waitFor()
    await isSaid('one', 'name', 'the best')
    await isSaid('one', 'tags', ['nightly', 'good'])
    await isSaid('one', 'note', 'seen twice')
    expect(last('one', 'experiment')).toBeUndefined()
  })

  it('a comment stands on the run, or on the sub-query that is selected', async () => {
    await show('/runs/one?tab=comments')
    await fill('Comment', 'of all of it')
    await press('Add')
    await isCommented(['of all of it', undefined])
    await show('/runs/one?tab=comments&sel=q-1')
    await page.getByText('of q-1').waitFor()
    await fill('Comment', 'of this one')
    await press('Add')
    await isCommented(['of all of it', undefined], ['of this one', 'q-1'])
    await page.getByText('of this one').last().waitFor()
  })

  it('a score is a number, and becomes a metric', async () => {
    await show('/runs/one?tab=comments')
    await fill('Score', 'quality')
    await fill('Value', 'much')
    const score = page.getByRole('button', { name: 'Score', exact: true })
    await expect.poll(() => score.isDisabled()).toBe(true)
    await fill('Value', '0.75')
    await press('Score')
    await isSaid('one', 'score', { name: 'quality', value: 0.75 })
    await page.getByRole('link', { name: /^Metrics 1/ }).waitFor()
  })

  async function chosen(...runs: string[]): Promise<void> {
    for (const run of runs)
      await page.getByRole('checkbox', { name: new RegExp(`^Select ${run}`) }).click()
    await page.getByText(`${runs.length} selected`).waitFor()
  }

  it('the same is said of many runs at once', async () => {
    await show('/runs')
    await chosen('two', 'three')
    await page.getByRole('toolbar').getByRole('button', { name: /^Star/ }).click()
    for (const run of ['two', 'three']) await isSaid(run, 'star', true)
    await press(/^Label/)
    await fill('Add tags', 'both')
    await fill('Experiment', 'second')
    await press('Save')
    for (const run of ['two', 'three']) {
      await isSaid(run, 'tags', ['both'])
      await isSaid(run, 'experiment', 'second')
    }
  })

  it('what is archived is out of sight until it is asked for', async () => {
    await show('/runs')
    await chosen('two')
    await press(/^Archive/)
    await isSaid('two', 'archived', true)
    const row = page.getByRole('row').filter({ hasText: 'What of two?' })
    await row.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: /^Archived/ }).click()
    await row.waitFor()
    await page.getByText('1 selected').waitFor() // as it was
    await press(/^Unarchive/)
    await isSaid('two', 'archived', null)
  })

  it('runs go to the trash, from where they are taken again', async () => {
    await show('/runs')
    await chosen('two', 'three')
    await press(/^Delete/)
    await page.getByText('2 moved to the trash').waitFor()
    expect(existsSync(join(home.path, 'runs/two'))).toBe(false)
    const row = page.getByRole('row').filter({ hasText: 'What of two?' })
    await row.waitFor({ state: 'detached' })
    await press('Undo')
    await row.waitFor()
    await expect
      .poll(() => readdirSync(join(home.path, 'runs')).sort())
      .toEqual(['one', 'three', 'two'])
    await chosen('three')
    await press(/^Delete/)
    await page.getByText('1 moved to the trash').waitFor()
    await show('/settings')
    await press('Take out again')
    await expect.poll(() => existsSync(join(home.path, 'runs/three'))).toBe(true)
  })

  it('a view is saved under its name, and removed', async () => {
    await show('/runs?filter=tag:both&sort=cost&group=status')
    await press('Save view')
    await fill('Name', 'Both: nightly!')
    await press('Save')
    await page.getByRole('link', { name: /^Both: nightly!/ }).waitFor()
    const [file] = readdirSync(join(home.path, 'views'))
    expect(JSON.parse(readFileSync(join(home.path, 'views', file), 'utf8'))).toEqual({
      name: 'Both: nightly!',
      filter: 'tag:both',
      page: 'runs',
      state: { sort: 'cost', group: 'status' },
    })
    await show('/runs')
    await page.getByRole('link', { name: /^Both: nightly!/ }).click()
    await expect
      .poll(() => new URL(page.url()).search)
      .toBe('?filter=tag%3Aboth&sort=cost&group=status')
    await press('Remove the view Both: nightly!')
    await expect.poll(() => readdirSync(join(home.path, 'views'))).toEqual([])
  })

  it('an experiment is described', async () => {
    await show('/experiments/first')
    await press('Say what it asks')
    await fill('Description', 'whether it holds')
    await press('Save')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByText('whether it holds').waitFor()
    const file = join(home.path, 'experiments/first.json')
    expect(JSON.parse(readFileSync(file, 'utf8')).description).toBe('whether it holds')
  })

  it('a run that goes on is asked to stop, and hears it', async () => {
    const program = new Program(GOES_ON, home.path)
    await program.line()
    await show('/runs/going')
    await press('Cancel run')
    expect(await program.line()).toBe('stopped')
    await page.getByText('cancelled', { exact: true }).first().waitFor()
    await program.end()
  })

  it('a run that goes on is not thrown away, and the page says why', async () => {
    const program = new Program(GOES_ON.replace('"going"', '"goes-on"'), home.path)
    await program.line()
    await show('/runs')
    await chosen('goes-on')
    await press(/^Delete/)
    await page.getByText(/goes-on is still running/).waitFor()
    expect(existsSync(join(home.path, 'runs/goes-on'))).toBe(true)
    await program.end()
  })

  it('nothing of it made the page complain', () => {
    expect(said).toEqual([])
  })
})
