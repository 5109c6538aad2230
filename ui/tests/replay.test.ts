import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Home, Scene } from './board'
import { isThere } from './places'
import { putRun, type Told } from './writing'

const SPAN = {
  id: 'span-1',
  path: 'docs/cited-later.md',
  start_line: 1,
  end_line: 3,
  end_byte: 90,
  content_hash: '319754da9e29130761eddea1ab3797f5eee286f164bd9bc751ea13d153de86ed',
}

/** Each thing that becomes known has words of its own, so that none can be known too early. */
const TOLD: readonly Told[] = [
  [
    10,
    {
      type: 'SubQuerySubmit',
      query_id: 'asked-first',
      prompt_preview: 'Prompt one?',
      depth: 1,
      role: 'extractor',
    },
  ],
  [20, { type: 'BudgetReserve', query_id: 'asked-first', amount_msat: 20_000 }],
  [20, { type: 'SubQueryExecute', query_id: 'asked-first', provider_id: 'near', venue: 'local' }],
  [30, { type: 'IterationStart', n: 1, max_n: 4 }],
  [
    200,
    {
      type: 'SubQueryReturn',
      query_id: 'asked-first',
      result_preview: 'Answer one.',
      duration_ms: 180,
      usage: { input: 311, output: 41 },
      usage_quality: 'exact',
      cost_msat: 12_000,
      cost_source: 'price_table',
      span_refs: [SPAN],
    },
  ],
  [
    201,
    { type: 'BudgetSettle', query_id: 'asked-first', actual_msat: 12_000, released_msat: 8_000 },
  ],
  [300, { type: 'Metric', name: 'accuracy', value: 0.125, step: 1 }],
  [
    400,
    {
      type: 'SubQuerySubmit',
      query_id: 'asked-second',
      prompt_preview: 'Prompt two?',
      depth: 1,
      role: 'extractor',
    },
  ],
  [410, { type: 'SubQueryExecute', query_id: 'asked-second', provider_id: 'far', venue: 'swarm' }],
  [
    450,
    { type: 'ToolStart', tool_id: 'tool-late', name: 'grep', args_preview: '{"pattern": "x"}' },
  ],
  [
    600,
    {
      type: 'SubQueryReturn',
      query_id: 'asked-second',
      success: false,
      duration_ms: 190,
      error: { type: 'connection', message: 'it broke' },
    },
  ],
  [
    610,
    {
      type: 'SubQueryExecute',
      query_id: 'asked-second',
      attempt: 1,
      provider_id: 'third',
      venue: 'swarm',
    },
  ],
  [
    650,
    { type: 'ToolEnd', tool_id: 'tool-late', error: { type: 'OSError', message: 'no such file' } },
  ],
  [
    700,
    {
      type: 'SubQueryReturn',
      query_id: 'asked-second',
      attempt: 1,
      result_preview: 'Answer two.',
      duration_ms: 90,
      usage: { input: 322, output: 42 },
      usage_quality: 'exact',
      cost_msat: 13_000,
      cost_source: 'price_table',
    },
  ],
  [800, { type: 'Metric', name: 'accuracy', value: 0.875, step: 2 }],
  [810, { type: 'Metric', name: 'recall', value: 0.625, step: 2 }],
  [850, { type: 'Artifact', name: 'table.csv', sha256: 'ab'.repeat(32), bytes: 77 }],
  [
    1000,
    {
      type: 'RunDone',
      output: 'The whole answer [span-1].',
      span_refs: [SPAN],
      end_reason: 'answer',
    },
  ],
]
const OF_THE_CHILD: readonly Told[] = [
  [
    50,
    { type: 'SubQuerySubmit', query_id: 'asked-below', prompt_preview: 'Prompt below?', depth: 1 },
  ],
  [60, { type: 'SubQueryExecute', query_id: 'asked-below', provider_id: 'near', venue: 'local' }],
  [
    250,
    {
      type: 'SubQueryReturn',
      query_id: 'asked-below',
      result_preview: 'Answer below.',
      duration_ms: 190,
      cost_msat: 7_000,
    },
  ],
  [300, { type: 'RunDone', output: 'The answer of the child.', end_reason: 'answer' }],
]
const COMMENT = {
  at: '2026-01-05T11:00:00Z',
  field: 'comment',
  value: 'Said much later.',
  by: 'me',
}

/** What a page may say from then on, in milliseconds, and never before. */
const WORDS: readonly [from_ms: number, words: string][] = [
  [200, 'Answer one.'],
  [200, '>311'],
  [200, 'docs/cited-later.md'],
  [300, '0.125'],
  [300, 'part-of-it'],
  [350, 'asked-below'],
  [400, 'asked-second'],
  [450, 'tool-late'],
  [550, 'Answer below.'],
  [600, 'it broke'],
  [600, 'The answer of the child.'],
  [650, 'no such file'],
  [700, 'Answer two.'],
  [700, '>322'],
  [800, '0.875'],
  [810, 'recall'],
  [850, 'table.csv'],
  [1000, 'The whole answer'],
]
const TABS = ['', 'answer', 'metrics', 'config', 'trace', 'artifacts', 'comments']

describe.skipIf(!isThere)('a replay', () => {
  let scene: Scene
  let page: Page
  const said: string[] = []

  beforeAll(async () => {
    scene = await Scene.of(record)
    page = await scene.browser.newPage({ viewport: { width: 1440, height: 1100 } })
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => said.push(error.message))
  })

  afterAll(() => scene?.close())

  function record({ path }: Home): void {
    const query = { query: 'What is it?', started_at: '2026-01-05T10:00:00.000Z' }
    const folder = putRun(path, 'whole', query, TOLD)
    writeFileSync(join(folder, 'labels.jsonl'), `${JSON.stringify(COMMENT)}\n`)
    const below = { parent_run_id: 'whole', parent_id: 'asked-first' }
    const part = { query: 'A part?', started_at: '2026-01-05T10:00:00.300Z', ...below }
    putRun(path, 'part-of-it', part, OF_THE_CHILD)
  }

  /** Everything that a part of the page says, what stands in titles and for screen readers included. */
  async function show(at_ms: number | null, part: Record<string, string>): Promise<string> {
    const asked = new URLSearchParams({ ...part, ...(at_ms !== null && { at: String(at_ms) }) })
    await page.goto(`${scene.address}/runs/whole?${asked}`)
    await page.getByRole('navigation', { name: 'Parts of this run' }).waitFor()
    if (!part.tab) await page.locator('canvas[data-drawn]').first().waitFor()
    if (at_ms !== null) await page.getByRole('slider', { name: 'Playhead' }).waitFor()
    await page.waitForLoadState('networkidle')
    await expect
      .poll(() =>
        page
          .locator('main [role=status]')
          .getByText(/^Loading/)
          .count(),
      )
      .toBe(0)
    return page.locator('main').innerHTML()
  }

  const tooEarly = (html: string, at_ms: number): string[] =>
    WORDS.filter(([from_ms, words]) => at_ms < from_ms && html.includes(words)).map(([, w]) => w)

  it.each([100, 500, 620])('at %d ms says nothing in any tab that was told later', async (at) => {
    for (const tab of TABS) {
      const html = await show(at, tab ? { tab } : {})
      expect([tab, tooEarly(html, at)]).toEqual([tab, []])
    }
    expect(said).toEqual([])
  })

  it.each([
    { sel: 'asked-first' },
    { sel: 'asked-second' },
    { sel: 'tool-late' },
    { sel: 'root turn 1' },
    { child: 'part-of-it' },
    { child: 'part-of-it', sel: 'asked-below' },
  ])('shows %o as it stood, at each moment', async (part) => {
    for (const at of [100, 500]) {
      const html = await show(at, part)
      const chosen = [part.sel, part.child].filter(Boolean) as string[]
      // What the address itself names is not told by the panel.
      expect(tooEarly(html, at).filter((words) => !chosen.includes(words))).toEqual([])
    }
    expect(said).toEqual([])
  })

  /** What of these the panel of what is selected says in the end: all of them, or it fails. */
  async function says(at_ms: number, part: Record<string, string>, ...all: string[]) {
    await show(at_ms, part)
    const heading = page.getByRole('heading', { name: 'Selected', exact: true })
    const panel = page.locator('section', { has: heading })
    for (const one of all) await expect.poll(() => panel.innerText()).toContain(one)
    return panel.innerText()
  }

  it('says of a sub-query that it is not begun, not answered, answered', async () => {
    await says(100, { sel: 'asked-second' }, 'Not begun yet at this moment')
    await says(500, { sel: 'asked-second' }, 'in flight', 'nothing told yet')
    await page.getByRole('button', { name: 'Answer', exact: true }).click()
    await page.getByText('Not answered yet at this moment.').waitFor()
    await says(605, { sel: 'asked-second' }, 'connection: it broke')
    const again = await says(620, { sel: 'asked-second' }, 'in flight')
    expect(again).not.toContain('connection: it broke')
    await says(900, { sel: 'asked-second' }, 'Answer two.', '322')
  })

  it('follows a child run by its own beginning', async () => {
    await says(100, { child: 'part-of-it' }, 'Not begun yet at this moment')
    await says(500, { child: 'part-of-it' }, 'running')
    await says(500, { child: 'part-of-it', sel: 'asked-below' }, 'in flight')
    await says(560, { child: 'part-of-it', sel: 'asked-below' }, 'Answer below.')
  })

  it('stands where it stood from tab to tab, and can be moved in each', async () => {
    await show(500, {})
    await page.getByRole('link', { name: /^Answer/ }).click()
    await page.getByText('There is no answer yet at this moment.').waitFor()
    await page.getByRole('button', { name: 'To the end' }).click()
    await page.getByText('The whole answer').waitFor()
    await page.getByRole('link', { name: /^Artifacts/ }).click()
    await page.getByText('table.csv').waitFor()
    await page.getByRole('button', { name: 'To the beginning' }).click()
    await page.getByText('This run had kept no file yet at this moment.').waitFor()
    await page.getByRole('link', { name: /^Comments/ }).click()
    await page.getByText('1 thing was said after this moment.').waitFor()
    await page.getByRole('button', { name: 'Leave replay' }).click()
    await page.getByText('Said much later.').waitFor()
  })

  it('ends where the run stands without it', async () => {
    for (const part of [{}, { sel: 'asked-first' }, { tab: 'answer' }, { tab: 'artifacts' }]) {
      const now = words(await show(null, part as Record<string, string>))
      await show(1000, part as Record<string, string>)
      await expect.poll(async () => words(await page.locator('main').innerHTML())).toEqual(now)
    }
  })
})

const words = (html: string): string[] =>
  WORDS.map(([, words]) => words).filter((words) => html.includes(words))
