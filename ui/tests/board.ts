import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { emptyFolder, launched, PYTHON, python } from './places'

const SIZE = { width: 1440, height: 900 }
const COMMAND = join(dirname(PYTHON), 'rlmboard')

/** `rlmboard ui` over a home, as a person starts it. */
export class Board {
  readonly home: string
  readonly port: number
  /** Of the page: `http://127.0.0.1:PORT/rlm`. */
  readonly address: string
  #process: ChildProcess
  readonly #options: readonly string[]

  private constructor(home: string, options: readonly string[], process: ChildProcess, at: string) {
    this.home = home
    this.address = at
    this.port = Number(new URL(at).port)
    this.#options = options
    this.#process = process
  }

  static async serving(home: string, ...options: string[]): Promise<Board> {
    const process = started(home, ['ui', '--port', '0', ...options])
    return new Board(home, options, process, await firstLine(process))
  }

  /** Where a path of the API lies. */
  api(path: string): string {
    return new URL(`api/rlm/${path}`, this.address.replace(/rlm$/, '')).href
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGINT')
    await ended
  }

  /** The same board again: same port, another token. */
  async start(): Promise<void> {
    this.#process = started(this.home, ['ui', '--port', String(this.port), ...this.#options])
    await firstLine(this.#process)
  }
}

/** What a board is tried on: an empty home, removed at the end. */
export class Home {
  readonly path = emptyFolder()

  /** Runs a program with the home as its first argument; what it prints. */
  recorded(code: string, ...more: string[]): string {
    return python(code, this.path, ...more)
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A home, a board on it and a browser, which end together. */
export class Scene {
  readonly home: Home
  readonly board: Board
  readonly browser: Browser

  private constructor(home: Home, board: Board, browser: Browser) {
    this.home = home
    this.board = board
    this.browser = browser
  }

  static async of(fill: (home: Home) => unknown): Promise<Scene> {
    const home = new Home()
    await fill(home)
    return new Scene(home, await Board.serving(home.path), await launched())
  }

  /** Of the page: `http://127.0.0.1:PORT/rlm`. */
  get address(): string {
    return this.board.address
  }

  /** A page in a window of its own, at a path below `/rlm`. */
  async open(path: string, viewport = SIZE): Promise<Opened> {
    return opened(this.browser, this.address + path, { viewport, acceptDownloads: true })
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.board.stop()
    this.home.remove()
  }
}

/** A program that goes on: what it prints comes line by line, and it hears lines. */
export class Program {
  #process: ChildProcess
  #lines: AsyncIterator<string>

  constructor(code: string, ...said: string[]) {
    this.#process = spawn(PYTHON, ['-c', code, ...said], { stdio: ['pipe', 'pipe', 'inherit'] })
    if (!this.#process.stdout) throw new Error('no output to read')
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the program ended and said nothing more')
    return value
  }

  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  async end(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit')
      this.#process.kill()
      await ended
    }
  }
}

/** A page of the board, and all that it complained of. */
export interface Opened {
  page: Page
  /** Errors of scripts and policies broken; what the network refused is not among them. */
  said: string[]
  /** Addresses asked that are not the board's. */
  foreign: string[]
}

export async function opened(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const said: string[] = []
  const foreign: string[] = []
  const { host } = new URL(address)
  page.on('pageerror', (error) => said.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource|WebSocket/.test(message.text()))
      said.push(message.text())
  })
  page.on('request', (asked) => {
    const url = new URL(asked.url())
    if (/^(http|ws)/.test(url.protocol) && url.host !== host) foreign.push(url.href)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    )
  })
  await page.goto(address)
  await page.locator('#main, main').first().waitFor()
  return { page, said, foreign }
}

function started(home: string, said: string[]): ChildProcess {
  const environment = { ...process.env, RLMBOARD_HOME: home, CI: 'true' }
  return spawn(COMMAND, said, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(process: ChildProcess): Promise<string> {
  const [said] = await Promise.race([
    once(process.stdout as NodeJS.ReadableStream, 'data'),
    once(process, 'exit').then(([code]) => {
      throw new Error(`the board ended with ${code}`)
    }),
  ])
  return String(said).trim()
}
