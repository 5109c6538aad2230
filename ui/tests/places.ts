import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const UI = resolve(import.meta.dirname, '..')
export const PYTHON = resolve(UI, '../.venv/bin/python')
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Without a browser, or without the Python side, there is nothing to try. */
export const isThere = existsSync(CHROMIUM) && existsSync(PYTHON)

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'rlmboard-'))

/** What a piece of Python prints; what it needs comes as arguments. */
export function python(code: string, ...args: string[]): string {
  const done = spawnSync(PYTHON, ['-c', code, ...args], { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(done.stderr)
  return done.stdout
}

export const launched = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })

const GOLDEN = resolve(import.meta.dirname, '../../golden')

/** Puts golden traces into a home, as runs of their names. */
export function putGolden(home: string, ...names: string[]): void {
  for (const name of names) {
    const folder = join(home, 'runs', name)
    mkdirSync(folder, { recursive: true })
    cpSync(join(GOLDEN, name, 'trace.jsonl'), join(folder, 'trace.jsonl'))
  }
}
