import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

interface Fiber {
  return: Fiber | null
  memoizedProps: {
    source?: () => { now_us: number; picture: Record<string, unknown> & { seq: number } }
  } | null
}

/**
 * The picture behind the timeline, as one number for all its columns but those of texts, which a page
 * has of what it saw happen and asks for of all else. It is found as React's tools find it.
 */
export function pictureOf(page: Page): Promise<{ seq: number; digest: string }> {
  return page.evaluate(async () => {
    const canvas = document.querySelector('canvas[role=application]')
    const key = Object.keys(canvas ?? {}).find((name) => name.startsWith('__reactFiber$'))
    let at = key ? ((canvas as unknown as Record<string, unknown>)[key] as Fiber | null) : null
    while (at && typeof at.memoizedProps?.source !== 'function') at = at.return
    const picture = at?.memoizedProps?.source?.().picture
    if (!picture) throw new Error('no timeline stands on this page')
    const text = JSON.stringify(picture, (name, value) => {
      if (/^(found|schema|capacity|changes)$/.test(name)) return undefined
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
      if (value instanceof Map) return [...value].sort()
      if (!value || typeof value !== 'object' || !('schema' in value)) return value
      const { rows, schema } = value as { rows: number; schema: Record<string, string[]> }
      const told = Object.keys(schema).filter((column) => !/^(text|ref)$/.test(schema[column][0]))
      const columns = told.map((column) => [
        column,
        Array.from((value as Record<string, ArrayLike<unknown>>)[column]).slice(0, rows),
      ])
      return { rows, columns }
    })
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
    const bytes = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0'))
    return { seq: picture.seq, digest: bytes.join('') }
  })
}

/** Waits until what was on its way to the page is there, and painted. */
export async function settled(page: Page): Promise<void> {
  await page
    .getByText(/^Local · /)
    .first()
    .waitFor({ state: 'attached' })
  await page.waitForFunction(
    () =>
      document.querySelector('main')?.childElementCount &&
      ![...document.querySelectorAll('[role=status]')].some((one) =>
        one.textContent?.startsWith('Loading'),
      ),
  )
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}

interface Place {
  x: number
  y: number
  width: number
  height: number
}

/** Where something in sight lies, once it has come to rest there. */
export async function placed(one: Locator): Promise<Place> {
  let place: Place | null = null
  await one.scrollIntoViewIfNeeded()
  await expect
    .poll(
      async () => {
        const before = JSON.stringify(place)
        place = await one.boundingBox()
        return place !== null && JSON.stringify(place) === before
      },
      { interval: 120 },
    )
    .toBe(true)
  return place as unknown as Place
}

/** The moment that the timeline shows, in microseconds since the start of the run. */
export function nowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas[role=application]')
    const key = Object.keys(canvas ?? {}).find((name) => name.startsWith('__reactFiber$'))
    let at = key ? ((canvas as unknown as Record<string, unknown>)[key] as Fiber | null) : null
    while (at && typeof at.memoizedProps?.source !== 'function') at = at.return
    return at?.memoizedProps?.source?.().now_us ?? Number.NaN
  })
}
