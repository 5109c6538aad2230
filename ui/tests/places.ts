import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { build } from 'vite'

const UI = resolve(import.meta.dirname, '..')
export const PYTHON = resolve(UI, '../.venv/bin/python')
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Without a browser, or without the Python side, there is nothing to try. */
export const isThere = existsSync(CHROMIUM) && existsSync(PYTHON)

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'rlmboard-'))

/** The page, built as a configuration says. */
export async function built(config: string, outDir: string): Promise<void> {
  const configFile = join(UI, config)
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
