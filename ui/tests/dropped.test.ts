import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Scene } from './board'
import { isThere } from './places'

const GOLDEN = resolve(import.meta.dirname, '../../golden')

describe.skipIf(!isThere)('a trace.jsonl that is dropped on the page', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await Scene.of(() => {})
  })
  afterAll(() => scene?.close())

  async function opened(path = ''): Promise<{ page: Page; asked: string[]; said: string[] }> {
    const page = await scene.browser.newPage()
    page.setDefaultTimeout(30_000)
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => {
      asked.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`)
    })
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(scene.address + path)
    await page.locator('#main').waitFor()
    return { page, asked, said }
  }

  /** Lets a file fall on the page, as a hand would. */
  async function drop(page: Page, name: string, content: string): Promise<void> {
    const data = await page.evaluateHandle(
      ([name, content]) => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([content], name))
        return transfer
      },
      [name, content],
    )
    await page.dispatchEvent('body', 'drop', { dataTransfer: data })
  }

  const trace = (name: string) => readFileSync(join(GOLDEN, name, 'trace.jsonl'), 'utf8')

  it('opens with its timeline, tree, sub-queries, answer and lines', async () => {
    const { page, said } = await opened()
    await drop(page, 'mine.jsonl', trace('normal'))
    await page.getByRole('heading', { name: 'mine.jsonl' }).waitFor()
    expect(page.url()).toBe(`${scene.address}/dropped`)
    await page.locator('canvas').first().waitFor()
    const rows = page.getByRole('treegrid').getByRole('row')
    await rows.nth(2).click()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    await page.getByRole('button', { name: 'Prompt', exact: true }).click()
    await page.getByRole('link', { name: /^Answer/ }).click()
    await page.getByText('Only the board that has the folder of this run').waitFor()
    await page.getByRole('link', { name: /^Trace/ }).click()
    await page.getByText('RunInit').waitFor()
    expect(said).toEqual([])
  })

  it('asks nothing of the board, and tells it nothing', async () => {
    const { page, asked } = await opened('/dropped')
    await page.getByText('Drop the trace.jsonl').waitFor()
    await drop(page, 'mine.jsonl', trace('deep-recursion'))
    await page.getByRole('treegrid').waitFor()
    await page.getByRole('link', { name: /^Trace/ }).click()
    await page.getByText('RunInit').waitFor()
    const told = asked.filter((one) => !one.startsWith('GET ') || one.includes('api/rlm/runs'))
    expect(told).toEqual([])
  })

  it('is another run when another one is dropped', async () => {
    const { page } = await opened('/dropped')
    await drop(page, 'first.jsonl', trace('hedging'))
    await page.getByRole('heading', { name: 'first.jsonl' }).waitFor()
    await drop(page, 'second.jsonl', trace('timeout'))
    await page.getByRole('heading', { name: 'second.jsonl' }).waitFor()
    expect(await page.getByText('first.jsonl').count()).toBe(0)
  })

  it('that is none says so, and shows damage where there is some', async () => {
    const { page, said } = await opened('/dropped')
    await drop(page, 'notes.txt', 'not a trace\nat all\n')
    await page.getByText('notes.txt is no trace').waitFor()
    await drop(page, 'damaged.jsonl', trace('damaged'))
    await page.getByText(/damaged lines?$/).waitFor()
    expect(said).toEqual([])
  })
})
