import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'

const UI = resolve(import.meta.dirname, '..')
export const PYTHON = resolve(UI, '../.venv/bin/python')
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Without a browser, or without the Python side, there is nothing to try. */
export const isThere = existsSync(CHROMIUM) && existsSync(PYTHON)

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'rlmboard-'))

/** The page, built as a configuration says. */
export async function built(config: string, outDir: string): Promise<void> {
  const configFile = join(UI, config)
  process.env.NODE_ENV = 'production' // what is tried is what is served, not a build for tests
  await build({ root: UI, configFile, logLevel: 'silent', build: { outDir, emptyOutDir: true } })
}

/** What a piece of Python prints; what it needs comes as arguments. */
export function python(code: string, ...args: string[]): string {
  const done = spawnSync(PYTHON, ['-c', code, ...args], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return done.stdout
}

export const launched = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })

const SERVE = `
import sys
from pathlib import Path
from rlmboard.board import app
from rlmboard.board.serving import Server, config_of, listen
from rlmboard.store import Store

home, static = sys.argv[1:]
listening = listen("127.0.0.1", [0])
port = listening.getsockname()[1]
board = app(Store(home), static=Path(static))
Server(config_of(board), lambda: print(port, flush=True)).run(sockets=[listening])
`

/** A board on a home, with the page as it was built; where it is found. */
export async function served(
  home: string,
  page: string,
): Promise<{ board: ChildProcess; address: string }> {
  const board = spawn(PYTHON, ['-c', SERVE, home, page])
  const port = await new Promise((resolve) => board.stdout?.once('data', resolve))
  return { board, address: `http://127.0.0.1:${String(port).trim()}/rlm` }
}

const GOLDEN = resolve(import.meta.dirname, '../../golden')

/** Puts golden traces into a home, as runs of their names. */
export function putGolden(home: string, ...names: string[]): void {
  for (const name of names) {
    const folder = join(home, 'runs', name)
    mkdirSync(folder, { recursive: true })
    cpSync(join(GOLDEN, name, 'trace.jsonl'), join(folder, 'trace.jsonl'))
  }
}
