import { expect, it } from 'vitest'
import { askedOf, fetched, notSaid, said, standIn } from './standIn'

it('hears what was asked below the API, with nothing escaped', () => {
  const asked = askedOf('/lab/api/rlm/runs/a%2Fb/sub-query?id=q%201&limit=5', 'GET')
  expect(asked.path).toBe('runs/a/b/sub-query')
  expect([...asked.params]).toEqual([
    ['id', 'q 1'],
    ['limit', '5'],
  ])
})

it('answers in place of the board until it is taken back, and only what is its own', async () => {
  const leave = standIn(({ path }) => (path === 'mine' ? Promise.resolve(said('yes')) : null))
  expect(await (await fetched('/api/rlm/mine', {})).text()).toBe('yes')
  await expect(fetched('data:text/plain,api/rlm/other', {})).resolves.toHaveProperty('status', 200)
  leave()
  await expect(fetched('/api/rlm/mine', {})).rejects.toThrow()
})

it('says what it does not have as the board does', async () => {
  const answer = notSaid('Not here', 'Elsewhere.')
  expect(answer.headers.get('content-type')).toContain('json')
  expect(await answer.json()).toMatchObject({ status: 404, title: 'Not here' })
})
