import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scene } from './board'
import { experiment, searched } from './experimentBoard'
import { placed } from './looking'
import { isThere } from './places'

const ANOTHER = `
import sys, rlmboard
home, run_id = sys.argv[1:]
config = {"method": "rlm-2", "chunk_size": 512, "seed": 9}
with rlmboard.init("Late?", home=home, id=run_id, name=run_id, config=config) as run:
    run.log({"accuracy": 0.9})
    run.output = "Yes."
`

describe.skipIf(!isThere)('the list of runs', () => {
  let made: Scene

  beforeAll(async () => {
    made = await experiment()
  })
  afterAll(() => made?.close())

  async function open(search = ''): Promise<{ page: Page; said: string[] }> {
    const opened = await made.open(`/runs${search}`)
    await opened.page.getByRole('grid').waitFor()
    return opened
  }

  it('completes the keys of its filter, and their values with how many runs have them', async () => {
    const { page, said } = await open()
    await page.keyboard.press('/')
    await page.keyboard.type('chun')
    await page.getByRole('option', { name: /chunk_size/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('option', { name: '512' }).click()
    await expect.poll(() => searched(page).get('filter')?.trim()).toBe('chunk_size:512')
    await expect.poll(() => names(page)).toEqual(['doc 5', 'doc 3', 'doc 1'])
    expect(said).toEqual([])
  })

  it('keeps what is typed on while what stood there is looked for', async () => {
    const { page } = await made.open('/settings')
    await page.addInitScript(() => {
      const later = setTimeout
      let isTyped = false
      const typesOn = (call: () => void, after_ms: number) =>
        later(() => {
          call()
          if (isTyped || after_ms !== 220) return
          isTyped = true
          document.execCommand('insertText', false, 'leted')
        }, after_ms)
      Object.assign(window, { setTimeout: typesOn })
    })
    await page.goto(`${made.address}/runs`)
    await page.getByLabel('Filter runs').fill('status:comp')
    await expect.poll(() => searched(page).get('filter')).toBe('status:completed')
    await expect.poll(() => page.getByLabel('Filter runs').inputValue()).toBe('status:completed')
  })

  it('says where a filter is wrong, and keeps what was there', async () => {
    const { page } = await open()
    await page.getByLabel('Filter runs').fill('cost>much')
    await page.getByLabel('Filter runs').press('Escape')
    const alert = page.getByRole('alert')
    await alert.getByText(/cost takes a number/).waitFor()
    await expect.poll(() => alert.locator('mark').innerText()).toBe('much')
    await expect.poll(async () => (await names(page)).length).toBe(7)
  })

  it('says when no run has such a key, and which was perhaps meant', async () => {
    const { page } = await made.open('/runs?filter=chunk_siz%3A512')
    await page
      .getByText(/No run has a setting or metric chunk_siz; did you mean chunk_size\?/)
      .waitFor()
  })

  it('is sorted by a metric or a setting, runs without it last', async () => {
    const { page } = await open('?cols=name,metric.accuracy,config.seed')
    const title = page.getByRole('columnheader', { name: /accuracy/ })
    await title.getByRole('button').click()
    await expect.poll(() => title.getAttribute('aria-sort')).toBe('descending')
    await expect
      .poll(() => names(page))
      .toEqual(['doc 5', 'doc 4', 'doc 3', 'doc 2', 'doc 1', 'doc 0', 'alone'])
    await page.getByRole('columnheader', { name: /seed/ }).getByRole('button').click()
    await expect
      .poll(() => names(page))
      .toEqual(['doc 0', 'doc 1', 'doc 2', 'doc 3', 'doc 4', 'doc 5', 'alone'])
    await expect.poll(() => searched(page).get('sort')).toBe('config.seed')
  })

  it('has no title that sorts by what the board does not know', async () => {
    const all =
      'name,query,method,model,experiment,sub_queries,cost,cost_usd,tokens,duration,created_at,tags,user,host,producer,git_sha,citations,attempts,end_reason'
    const { page, said } = await open(`?cols=${all}`)
    for (const title of await page.getByRole('columnheader').getByRole('button').all()) {
      await title.click()
      await expect.poll(async () => (await names(page)).length).toBe(7)
      expect(await page.getByText('cannot be sorted').count()).toBe(0)
    }
    expect(said).toEqual([])
  })

  it('shows the columns that are chosen, in their order, pinned and as wide as they were drawn', async () => {
    const { page } = await open('?cols=name,cost')
    await page.getByRole('button', { name: /^Columns/ }).click()
    await page.getByLabel('Find a column').fill('accu')
    await page.getByRole('checkbox', { name: /accuracy/ }).check()
    await expect.poll(() => titles(page)).toEqual(['Name', 'Sats', 'accuracy'])
    await page.getByRole('button', { name: 'Move accuracy up' }).click()
    await page.getByRole('button', { name: /^Keep accuracy/ }).click()
    await expect.poll(() => searched(page).get('cols')).toBe('name,*metric.accuracy,cost')
    await expect.poll(() => titles(page)).toEqual(['Name', 'accuracy', 'Sats'])
    await page.keyboard.press('Escape')
    const edge = page.getByRole('columnheader', { name: 'accuracy' }).locator('i')
    await drag(page, edge, 60)
    await expect.poll(() => width(page, 'accuracy')).toBeGreaterThan(130)
    const wide = await width(page, 'accuracy')
    await expect.poll(() => sticks(page, 'accuracy')).toBe(true)
    expect(await sticks(page, 'Sats')).toBe(false)
    await page.reload()
    await page.getByRole('grid').waitFor()
    await expect.poll(() => width(page, 'accuracy')).toBe(wide)
    expect(await sticks(page, 'accuracy')).toBe(true)
  })

  it('is grouped by any setting, with mean and sample deviation of what is known', async () => {
    const { page } = await open('?cols=name,metric.accuracy,cost&filter=experiment%3Adocs')
    await page.getByRole('button', { name: /^Group/ }).click()
    await page.getByRole('menuitem', { name: 'chunk_size' }).click()
    const head = page.getByRole('row').filter({ hasText: 'chunk_size 512' })
    await head.getByText('3 runs').waitFor()
    await expect.poll(() => head.innerText()).toMatch(/0\.700\s*± 0\.100/)
    await head
      .getByTitle(/sample deviation \(n − 1\) of 2 runs; 1 unknown/)
      .first()
      .waitFor()
    expect(await names(page)).toEqual([])
    await page.getByRole('row').filter({ hasText: 'chunk_size 256' }).click()
    await expect.poll(() => names(page)).toEqual(['doc 4', 'doc 2', 'doc 0'])
    await page.reload()
    await expect.poll(() => names(page)).toEqual(['doc 4', 'doc 2', 'doc 0'])
    await page.getByRole('row').filter({ hasText: 'chunk_size 256' }).click()
    await expect.poll(() => names(page)).toEqual([])
  })

  it('says what runs cannot be grouped by', async () => {
    const { page } = await made.open('/runs?group=tag')
    await page.getByText("runs cannot be grouped by 'tag': a run has several").waitFor()
    await page.getByRole('button', { name: /^Group/ }).click()
    await page.getByRole('menuitem', { name: 'none' }).click()
    await expect.poll(async () => (await names(page)).length).toBe(7)
  })

  it('hides what is the same in all runs that are shown, and names it once', async () => {
    const { page } = await open('?filter=experiment%3Adocs&cols=name,method,config.chunk_size')
    await expect.poll(() => titles(page)).toEqual(['Name', 'Method', 'chunk_size'])
    await page.getByRole('switch', { name: 'Only differences' }).click()
    await page.getByText(/Same in all 6/).waitFor()
    await expect.poll(() => titles(page)).toEqual(['Name', 'chunk_size'])
  })

  it('keeps a view under its name', async () => {
    const { page } = await open('?filter=tag%3Anightly&sort=-cost')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Night runs')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const views = page.getByRole('navigation', { name: 'Views' })
    const view = views.getByRole('link', { name: /Night runs 2/ })
    await view.waitFor()
    await expect.poll(() => view.getAttribute('aria-current')).toBe('page')
    await views.getByRole('link', { name: /^All/ }).click()
    await expect.poll(async () => (await names(page)).length).toBe(7)
    await expect.poll(() => view.getAttribute('aria-current')).toBeNull()
    await view.click()
    await expect.poll(() => names(page)).toEqual(['doc 4', 'doc 5'])
    await expect.poll(() => searched(page).get('sort')).toBe('-cost')
    await page.getByRole('button', { name: 'Remove the view Night runs' }).click()
    await expect.poll(() => views.getByRole('link', { name: /Night runs/ }).count()).toBe(0)
  })

  it('stars, labels and archives all that are selected', async () => {
    const { page } = await open()
    await box(page, 'doc 0').click()
    await box(page, 'doc 2').click({ modifiers: ['Shift'] })
    await page.getByText('3 selected').waitFor()
    await page.keyboard.press('s')
    await expect.poll(() => page.getByTitle('starred').count()).toBe(3)
    await page.keyboard.press('l')
    await page.getByLabel('Add tags').fill('kept')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'kept' }).count()).toBe(3)
    await page.getByRole('button', { name: /^Archive/ }).click()
    await expect.poll(() => names(page)).toEqual(['alone', 'doc 5', 'doc 4', 'doc 3'])
    await page.getByRole('link', { name: /^Archived 3/ }).click()
    await expect.poll(() => names(page)).toEqual(['doc 2', 'doc 1', 'doc 0'])
    await page.getByLabel('Select none').click()
    await page.getByLabel('Select all that are shown').click()
    await page.getByText('3 selected').waitFor()
    await page.getByRole('button', { name: /^Unarchive/ }).click()
    await page.getByRole('link', { name: /^All/ }).click()
    await expect.poll(async () => (await names(page)).length).toBe(7)
  })

  it('keeps what was chosen when a new run comes', async () => {
    const { page } = await open('?group=config.chunk_size&sort=-accuracy')
    await page.getByRole('row').filter({ hasText: 'chunk_size 512' }).click()
    await page.getByRole('row').filter({ hasText: 'chunk_size not set' }).click()
    await box(page, 'doc 3').click()
    await page.getByText('1 selected').waitFor()
    made.home.recorded(ANOTHER, 'late')
    await expect.poll(() => names(page)).toEqual(['late', 'doc 5', 'doc 3', 'doc 1', 'alone'])
    await expect.poll(() => page.getByText('1 selected').count()).toBe(1)
    await expect.poll(() => box(page, 'doc 3').isChecked()).toBe(true)
    expect(searched(page).get('sort')).toBe('-accuracy')
  })
})

/** What the runs are called that are in sight, from above. */
const names = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[role=grid] [role=row]')]
      .map(
        (row) =>
          [
            row.querySelector('[aria-colindex="2"][role=gridcell] code')?.textContent ?? '',
            Number(row.getAttribute('aria-rowindex')),
          ] as const,
      )
      .filter(([name]) => name !== '')
      .sort((a, b) => a[1] - b[1])
      .map(([name]) => name),
  )

/** Titles of the columns after the first, which has none. */
const titles = (page: Page): Promise<string[]> =>
  page
    .getByRole('columnheader')
    .evaluateAll((heads) =>
      heads.slice(1).map((head) => (head.textContent ?? '').replace(/ [↑↓]$/, '')),
    )

const box = (page: Page, name: string): Locator =>
  page.getByRole('checkbox', { name: `Select ${name}` })

const width = async (page: Page, title: string): Promise<number> =>
  Math.round((await page.getByRole('columnheader', { name: title }).boundingBox())?.width ?? 0)

const sticks = (page: Page, title: string): Promise<boolean> =>
  page
    .getByRole('columnheader', { name: title })
    .evaluate((head) => getComputedStyle(head).position === 'sticky')

async function drag(page: Page, edge: Locator, by: number): Promise<void> {
  const at = await placed(edge)
  await page.mouse.move(at.x + 2, at.y + 5)
  await page.mouse.down()
  await page.mouse.move(at.x + 2 + by, at.y + 5, { steps: 4 })
  await page.mouse.up()
}
