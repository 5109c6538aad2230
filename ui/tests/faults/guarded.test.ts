import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Browser } from 'playwright-core'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Board, Home, opened } from '../board'
import { settled } from '../looking'
import { CHROMIUM, isThere } from '../places'
import { routesOf } from '../routes'

const RECORDER = `
import sys
import rlmboard

with rlmboard.init("Who may ask?", home=sys.argv[1], id="run", experiment="an/experiment",
                   config={"model": "m"}) as run:
    run.subquery("Prompt", id="q-1", provider="a/provider").returned("Answer", cost_sats=1)
    run.log({"accuracy": 0.5})
    run.output = "Nobody."
`

const ALL = routesOf('run', 'q-1', 'an/experiment', 'a/provider')
/** Those whose names hold what has to be escaped. */
const SOME = ALL.filter((path) => /experiment|provider|sel=/.test(path))

describe.skipIf(!isThere)('a board', () => {
  const home = new Home()
  let board: Board
  let below: Board
  let browser: Browser
  let stranger: Server
  const servers: Server[] = []

  beforeAll(async () => {
    home.recorded(RECORDER)
    board = await Board.serving(home.path)
    below = await Board.serving(home.path, '--base-path', '/lab')
    stranger = createServer((_, answer) => {
      answer.setHeader('Content-Type', 'text/html')
      answer.end('<!doctype html><title>elsewhere</title>')
    })
    await listening(stranger)
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'],
    })
  })

  afterAll(async () => {
    await browser?.close()
    await board?.stop()
    await below?.stop()
    for (const server of servers) server.close()
    home.remove()
  })

  async function listening(server: Server): Promise<number> {
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  it('is not read under a name of somebody else that leads to it', async () => {
    const page = await browser.newPage()
    for (const path of ['rlm', 'api/rlm/runs', 'assets/none.js']) {
      const answer = await page.goto(`http://evil.example:${board.port}/${path}`)
      expect(answer?.status()).toBe(403)
      expect(await page.content()).toContain('not served under the name')
    }
    await page.close()
  })

  it('is neither read, followed, framed nor asked to act by a page of another site', async () => {
    const page = await browser.newPage()
    const { port } = stranger.address() as AddressInfo
    await page.goto(`http://localhost:${port}/`)
    const done = await page.evaluate(async (at) => {
      const outcome = (asked: Promise<Response>) =>
        asked.then(
          (answer) => `answered ${answer.status} ${answer.type}`,
          () => 'refused',
        )
      const frame = document.createElement('iframe')
      frame.src = `${at}/rlm`
      document.body.append(frame)
      await new Promise((resolve) => frame.addEventListener('load', resolve))
      const body = JSON.stringify({ runs: ['run'] })
      const json = { 'Content-Type': 'application/json' }
      return {
        read: await outcome(fetch(`${at}/api/rlm/runs`)),
        acted: await outcome(fetch(`${at}/api/rlm/trash`, { method: 'POST', body, headers: json })),
        blind: await outcome(
          fetch(`${at}/api/rlm/trash`, { method: 'POST', body, mode: 'no-cors' }),
        ),
        followed: await new Promise((resolve) => {
          const socket = new WebSocket(`${at.replace('http', 'ws')}/api/rlm/live`)
          socket.onopen = () => resolve('followed')
          socket.onerror = () => resolve('refused')
        }),
        framed: (() => {
          try {
            return frame.contentDocument?.body.innerText ?? 'nothing to be seen'
          } catch {
            return 'nothing to be seen'
          }
        })(),
      }
    }, `http://127.0.0.1:${board.port}`)
    expect(done).toEqual({
      read: 'refused',
      acted: 'refused',
      blind: 'refused',
      followed: 'refused',
      framed: 'nothing to be seen',
    })
    const runs = await fetch(board.api('runs')).then((answer) => answer.json())
    expect(runs.count).toBe(1)
    await page.close()
  })

  it('answers no socket under a foreign Host or Origin', async () => {
    const at = `127.0.0.1:${board.port}`
    for (const [host, origin] of [
      ['evil.example', `http://${at}`],
      [at, 'http://evil.example'],
      [at, 'null'],
    ]) {
      expect(await handshake(board.port, host, origin)).toContain('403')
    }
    expect(await handshake(board.port, at, `http://${at}`)).toContain('101')
  })

  /** Every page of a board, with what its pages complained of. */
  async function walked(address: string, paths: readonly string[]): Promise<string[]> {
    const { page, said, foreign } = await opened(browser, address)
    for (const path of paths) {
      await page.goto(address + path)
      if (!path.includes('view=report')) await settled(page)
      const { pathname } = new URL(page.url())
      if (!pathname.startsWith(new URL(address).pathname)) said.push(`${path} left to ${pathname}`)
      const alerts = await page.getByRole('alert').allInnerTexts()
      if (!/never|nowhere/.test(path)) said.push(...alerts.map((alert) => `${path}: ${alert}`))
    }
    await page.context().close()
    return [...said, ...foreign]
  }

  it('breaks its own policy on no page, and asks nobody else for anything', async () => {
    expect(await walked(board.address, ALL)).toEqual([])
  })

  /** Stands before the board, as a web server does; whether it leaves the prefix in. */
  async function proxied(keeps: boolean): Promise<string> {
    const passed = (url: string) => (keeps ? url : url.slice('/lab'.length) || '/')
    const server = createServer((asked, answer) => {
      const { method, headers } = asked
      const on = request({ port: below.port, path: passed(asked.url ?? ''), method, headers })
      on.on('response', (told) => {
        answer.writeHead(told.statusCode ?? 500, told.headers)
        told.pipe(answer)
      })
      asked.pipe(on)
    })
    server.on('upgrade', (asked, socket) => {
      const on = connect(below.port, '127.0.0.1')
      const lines = asked.rawHeaders.map((said, n) => (n % 2 ? `${said}\r\n` : `${said}: `))
      on.write(`GET ${passed(asked.url ?? '')} HTTP/1.1\r\n${lines.join('')}\r\n`)
      on.pipe(socket).pipe(on)
      for (const end of [on, socket]) end.on('error', () => end.destroy())
    })
    return `http://127.0.0.1:${await listening(server)}/lab/rlm`
  }

  it.each(['itself', 'behind a proxy that keeps it', 'behind a proxy that cuts it off'])(
    'works below a prefix (%s)',
    async (how) => {
      const address = how === 'itself' ? below.address : await proxied(how.includes('keeps'))
      expect(await walked(address, how === 'itself' ? ALL : SOME)).toEqual([])
      const { page, said } = await opened(browser, address)
      await page.keyboard.press('g')
      await page.keyboard.press('r')
      await page.getByText('Who may ask?').first().click()
      await page.locator('canvas[role=application][data-drawn]').waitFor()
      expect(new URL(page.url()).pathname).toBe('/lab/rlm/runs/run')
      const star = page.getByRole('button', { name: 'Star', exact: true })
      const was = await star.getAttribute('aria-pressed')
      await star.click()
      await page.locator(`[aria-label=Star]:not([aria-pressed=${was}])`).waitFor()
      await page.getByText('completed', { exact: true }).first().waitFor()
      expect(said).toEqual([])
      await page.context().close()
    },
  )
})

/** The first line of what a board says to the opening of a socket. */
async function handshake(port: number, host: string, origin: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(
    `GET /api/rlm/live HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\n` +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const [said] = await once(socket, 'data')
  socket.destroy()
  return String(said).split('\r\n')[0]
}
