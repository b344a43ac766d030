import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { HttpClient, tokenOf } from '../support/http-client.ts'
import { gaps, replay, settledIn } from '../support/quoting-streams.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { until } from '../support/until.ts'

let system: System
beforeAll(async () => {
  system = await launch({ env: { QUOTING: 'event-sourcing' } })
  await system.ready()
  await until('the end of the scenarios', 90_000, () => system.stdout().includes('scenarios ended as they should'))
}, 180_000)
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

test('after 500 quotes with failures among them, streams have no gaps and the replay finds no difference', async () => {
  const [operator, alice] = await Promise.all([
    tokenOf('--sub', 'olga', '--group', 'operators').then(token => new HttpClient(system.url, token)),
    tokenOf('--sub', 'alice').then(token => new HttpClient(system.url, token)),
  ])
  await operator.post('/customers', { customerId: 'c-replay', name: 'c' })
  const ids = Array.from({ length: 500 }, (_, i) => `q-replay-${i}`)
  for (let from = 0; from < ids.length; from += 50)
    await Promise.all(
      ids.slice(from, from + 50).map(async (quoteID, at) => {
        const kind = (from + at) % 10
        const body = { quoteID, premium: kind === 3 ? -1 : 100, customerId: kind === 7 ? 'c-nobody' : 'c-replay' }
        expect((await alice.post('/quotes', body)).status).toBe(201)
        expect((await alice.post(`/quotes/${quoteID}/approve`, {})).status).toBe(202)
      }),
    )
  await settledIn(system.brokers, system, '', 120_000)
  expect(await gaps(system)).toEqual([])
  const { code, differences, rows } = await replay(system)
  expect({ code, differences }).toEqual({ code: 0, differences: [] })
  expect(rows.quotes.rebuilt).toBeGreaterThanOrEqual(500)
  expect((await operator.get('/customers/c-replay')).body.policyCount).toBe(400)
})
