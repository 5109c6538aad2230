import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { Answers, answered } from './exported'
import { askedOf } from './standIn'

const packed = (...lines: unknown[]) => {
  const block = gzipSync(lines.map((line) => JSON.stringify(line)).join('\n')).toString('base64')
  return () => block
}
const table = { columns: [], runs: [], values: [], groups: [], count: 2, cut: false }
const answers = new Answers([
  packed({ run: 1 }, 'a text\nof two lines'),
  packed(table, [{ value: 5, runs: [0], cells: {} }]),
  packed({
    'runs/a': [0, 0],
    'runs/a/payloads/ff': [0, 1],
    compare: [1, 0],
    'compare/groups\ngroup=size': [1, 1],
  }),
])
const ask = (path: string, method = 'GET') => answered(answers, askedOf(`/api/rlm/${path}`, method))

it('finds an answer in its block: JSON as JSON, a text as a text', async () => {
  expect(await (await ask('runs/a')).json()).toEqual({ run: 1 })
  expect(await (await ask('runs/a/payloads/ff')).text()).toBe('a text\nof two lines')
})

it('answers a question with parameters by its path, where nothing more exact was recorded', async () => {
  expect(await (await ask('runs/a?at=5')).json()).toEqual({ run: 1 })
})

it('puts the groups of a comparison into its table', async () => {
  const grouped = await (await ask('compare?filter=x&group=size')).json()
  expect(grouped).toEqual({ ...table, groups: [{ value: 5, runs: [0], cells: {} }] })
  expect((await (await ask('compare?group=other')).json()).groups).toEqual([])
})

it('has no more than was recorded, and changes nothing', async () => {
  expect((await ask('runs/b')).status).toBe(404)
  expect((await ask('constructor')).status).toBe(404)
  expect((await ask('runs/a/labels', 'PATCH')).status).toBe(403)
})
