import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { built, emptyFolder, isThere, launched, PYTHON } from './places'

const GOLDEN = resolve(import.meta.dirname, '../../golden')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RUNS = ['normal', 'damaged', 'budget-stop', 'deep-recursion']

const SERVE = `
import sys
from pathlib import Path
from rlmboard.board import app
from rlmboard.board.serving import Server, config_of, listen
from rlmboard.store import Store

home, static = sys.argv[1:]
listening = listen("127.0.0.1", 0)
port = listening.getsockname()[1]
board = app(Store(home), static=Path(static))
Server(config_of(board), lambda: print(port, flush=True)).run(sockets=[listening])
`

const PAGES = [
  '',
  '/runs',
  '/runs/normal',
  '/runs/normal?tab=answer',
  '/runs/normal?tab=trace',
  '/runs/normal?tab=config',
  '/runs/normal?at=300',
  '/runs/damaged',
  '/experiments',
  '/providers?window=all',
  '/settings',
]

const SIZES = [
  { width: 1440, height: 900, colorScheme: 'dark' as const },
  { width: 320, height: 700, colorScheme: 'light' as const },
]

vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!isThere)('every page', () => {
  let home: string
  let board: ChildProcess
  let browser: Browser
  let address: string

  beforeAll(async () => {
    home = emptyFolder()
    for (const run of RUNS) {
      mkdirSync(join(home, 'runs/runs', run), { recursive: true })
      cpSync(join(GOLDEN, run, 'trace.jsonl'), join(home, 'runs/runs', run, 'trace.jsonl'))
    }
    const page = join(home, 'page')
    await built('vite.config.ts', page)
    board = spawn(PYTHON, ['-c', SERVE, join(home, 'runs'), page])
    const port = await new Promise((resolve) => board.stdout?.once('data', resolve))
    address = `http://127.0.0.1:${String(port).trim()}/rlm`
    browser = await launched()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    board?.kill()
    rmSync(home, { recursive: true, force: true })
  })

  it.each(SIZES)('has nothing that axe objects to at $width px, $colorScheme', async (size) => {
    const context = await browser.newContext({
      viewport: { width: size.width, height: size.height },
      colorScheme: size.colorScheme,
      reducedMotion: 'reduce',
      bypassCSP: true, // for axe itself, which is injected
    })
    const found: string[] = []
    for (const path of PAGES) {
      const page = await context.newPage()
      page.on('pageerror', (error) => found.push(`${path}: ${error.message}`))
      await page.goto(address + path)
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(300)
      await page.evaluate(AXE)
      const objections = await page.evaluate(async () => {
        const axe = (
          globalThis as unknown as { axe: { run: () => Promise<{ violations: { id: string }[] }> } }
        ).axe
        return (await axe.run()).violations.map((violation) => violation.id)
      })
      const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      found.push(
        ...objections.map((id) => `${path}: ${id}`),
        ...(scrolls ? [`${path}: scrolls`] : []),
      )
      await page.close()
    }
    await context.close()
    expect(found).toEqual([])
  })
})
