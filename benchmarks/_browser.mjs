// A browser driven from the outside: a command a line on stdin, an answer a line on stdout.
// Started by _browser.py, which says where playwright-core and Chromium are.

import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const [, , playwright, executablePath] = process.argv
const { chromium } = (await import(pathToFileURL(playwright).href)).default
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
})
let page

const commands = {
  async open({ url, before }) {
    await page?.context().close()
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    page = await context.newPage()
    if (before) await page.addInitScript(before)
    await page.goto(url, { waitUntil: 'commit', timeout: 120_000 })
  },
  ask: ({ code }) => page.evaluate(code),
  // Asked from the outside: a strict policy lets no page evaluate a text itself.
  async until({ code, within_ms, every_ms }) {
    const last = performance.now() + within_ms
    while (performance.now() < last) {
      if (await page.evaluate(code)) return true
      await new Promise((go) => setTimeout(go, every_ms))
    }
    return false
  },
  press: ({ key }) => page.keyboard.press(key),
  click: ({ at }) => page.locator(at).first().click(),
  point: ({ x, y }) => page.mouse.move(x, y),
  async wheel({ dx, dy, times, every_ms, control }) {
    if (control) await page.keyboard.down('Control')
    for (let n = 0; n < times; n += 1) {
      await Promise.all([
        page.mouse.wheel(dx, Math.floor(n / 30) % 2 ? -dy : dy),
        new Promise((go) => setTimeout(go, every_ms)),
      ])
    }
    if (control) await page.keyboard.up('Control')
  },
  async drag({ x, y, by, times, every_ms }) {
    await page.mouse.move(x, y)
    await page.mouse.down()
    for (let n = 0; n < times; n += 1) {
      const away = Math.abs((n % 60) - 30)
      await Promise.all([
        page.mouse.move(x + away * by, y),
        new Promise((go) => setTimeout(go, every_ms)),
      ])
    }
    await page.mouse.up()
  },
  picture: ({ path }) => page.screenshot({ path }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...given } = JSON.parse(line)
  try {
    console.log(JSON.stringify({ said: (await commands[command](given)) ?? null }))
  } catch (why) {
    console.log(JSON.stringify({ trouble: String(why).slice(0, 600) }))
  }
}
await browser.close()
