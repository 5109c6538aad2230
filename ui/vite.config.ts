import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** What starts the page is one file, and so is what several pages share: a request each costs more
 * than the few bytes that a page would not have needed. */
const CHUNKS = [
  { name: 'start', tags: ['$initial' as const], priority: 1 },
  { name: 'shared', minShareCount: 3, maxModuleSize: 60_000 },
]

export default defineConfig({
  // Relative, so that the board may stand under any path; index.html names it in <base>.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../src/rlmboard/board/static',
    emptyOutDir: true,
    target: 'es2023',
    // A strict policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: CHUNKS } } },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8421', ws: true } } },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'tests/**/*.test.ts'],
    globalSetup: './tests/builtPage.ts',
    // How long a busy machine may take: a bound on what never comes, and on nothing else.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
