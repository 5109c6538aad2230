import { expect, test } from 'vitest'
import { emptyPicture } from '../trace/picture'
import { Followers } from './followers'

function worlds() {
  const asked: string[] = []
  const made = new Followers((run) => ({
    socket: { follow: () => () => {}, again: () => {} },
    fetch: async () => {
      asked.push(run)
      return { ...emptyPicture(), seq: 1 }
    },
    isStill: true,
    frame: (call) => call(),
    later: () => {},
    now_ms: () => 0,
  }))
  return { made, asked }
}

test('each wanted run is asked for once, and what is no longer wanted is let go', async () => {
  const { made, asked } = worlds()
  made.keep(['a', 'b'])
  made.keep(['b', 'c'])
  await Promise.resolve()
  expect(asked).toEqual(['a', 'b', 'c'])
  expect(made.get('a')).toBeNull()
  expect(made.get('b')?.picture.seq).toBe(1)
})

test('a change of any of them is told, until it is let go', async () => {
  const { made } = worlds()
  let told = 0
  const stop = made.watch(() => told++)
  made.keep(['a'])
  await new Promise((resolve) => setTimeout(resolve))
  expect(told).toBeGreaterThan(1)
  stop()
  const before = told
  made.keep([])
  expect(told).toBe(before)
})
