import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Board, Home, opened } from './board'
import { demo, unproven } from './demo'
import { isThere, launched } from './places'

describe.skipIf(!isThere)('from the first page, within three clicks, is found', () => {
  const home = new Home()
  let board: Board
  let browser: Browser

  beforeAll(async () => {
    demo(home)
    board = await Board.serving(home.path)
    browser = await launched()
  })

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    home.remove()
  })

  async function first(): Promise<{ page: Page; click: (what: Locator) => Promise<void> }> {
    const { page } = await opened(browser, board.address)
    let left = 3
    const click = async (what: Locator) => {
      if (left-- === 0) throw new Error('that is a fourth click')
      await what.click()
    }
    return { page, click }
  }

  const answered = async (path: string) => (await fetch(board.api(path))).json()

  it('the slowest provider', async () => {
    const { providers } = await answered('providers?since=24h&sort=-latency')
    const known = providers.filter((one: { p50_ms: number | null }) => one.p50_ms !== null)
    const slowest = known.toSorted(
      (a: { p50_ms: number }, b: { p50_ms: number }) => b.p50_ms - a.p50_ms,
    )[0]
    const { page, click } = await first()
    await click(page.getByRole('navigation').getByRole('link', { name: 'Providers' }).first())
    const head = page.getByRole('columnheader', { name: /p50/ }).getByRole('button')
    await click(head)
    await expect.poll(() => head.innerText()).toMatch(/[↑↓]/)
    if ((await head.innerText()).includes('↑')) await click(head)
    const row = page.getByRole('grid', { name: 'Providers' }).getByRole('row').nth(1)
    await expect.poll(() => row.innerText()).toContain(slowest.provider)
    await page.context().close()
  })

  it('the failed sub-query, with why', async () => {
    const { page, click } = await first()
    const failures = page.getByRole('table').filter({ hasText: 'Most often' })
    await click(failures.getByRole('link').first())
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    const { run_id, sub_query } = await selected(page)
    expect(run_id).not.toBe('')
    expect(['failed', 'timeout']).toContain(sub_query.status)
    await page
      .getByText(/^(failed|timed out)/)
      .first()
      .waitFor()
    await page.context().close()
  })

  async function selected(page: Page) {
    const url = new URL(page.url())
    const run_id = url.pathname.split('/').at(-1) ?? ''
    const sel = url.searchParams.get('sel') ?? ''
    return { run_id, ...(await answered(`runs/${run_id}/sub-query?id=${sel}`)) }
  }

  it('the sentence that lacks evidence', async () => {
    const [run] = (await answered('runs?filter=provider:extractive')).runs
    const cited = await answered(`runs/${run.id}/citations`)
    const { path } = cited[0].span
    unproven(home, path.replace(/^.*sources\//, ''))
    const { page, click } = await first()
    await click(page.locator(`a[href$="/runs/${run.id}"]`).first())
    await click(page.getByRole('link', { name: /^Answer and evidence/ }))
    await click(page.getByRole('switch', { name: 'Only what no longer holds' }))
    const broken = page.getByRole('listitem').filter({ hasText: /changed|missing|moved/ })
    await broken.first().waitFor()
    const number = (await broken.first().innerText()).match(/\d+/)?.[0]
    const mark = page.getByRole('button', {
      name: new RegExp(`^Citation ${number}, (changed|missing|moved)`),
    })
    await mark.waitFor()
    await page.context().close()
  })
})
