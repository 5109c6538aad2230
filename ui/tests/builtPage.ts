import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { isThere } from './places'

const UI = resolve(import.meta.dirname, '..')
const BUILT = resolve(UI, '../src/rlmboard/board/static/index.html')
const MADE_OF = [
  'src',
  'index.html',
  'vite.config.ts',
  'vite.export.config.ts',
  'package-lock.json',
]

/** Builds the page that the board serves, once for all tests, where it is older than its source. */
export default async function builtPage(): Promise<void> {
  if (!isThere || isFresh()) return
  process.env.NODE_ENV = 'production' // what is tried is what is served, not a build for tests
  await build({ root: UI, configFile: join(UI, 'vite.config.ts'), logLevel: 'silent' })
  // The first empties the folder in which the second lies.
  await build({ root: UI, configFile: join(UI, 'vite.export.config.ts'), logLevel: 'silent' })
}

function isFresh(): boolean {
  if (!existsSync(BUILT)) return false
  const built_ms = statSync(BUILT).mtimeMs
  return MADE_OF.flatMap((part) => filesOf(join(UI, part))).every(
    (file) => statSync(file).mtimeMs <= built_ms,
  )
}

function filesOf(place: string): string[] {
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
