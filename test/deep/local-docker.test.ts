/**
 * `npm run local:docker -- --stand-in` as a user runs it: the stage `localstack` deployed by `cdklocal`, with MiniStack in
 * LocalStack's place and the Kafka broker in Redpanda's. LocalStack, Redpanda and Docker themselves do not run here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { produce } from '../support/broker-client.ts'
import { HttpClient, type Operator, tokenOf } from '../support/http-client.ts'
import { anyFreePort, isFree } from '../support/processes.ts'
import { whyNoPython } from '../support/schemathesis.ts'
import { launch, nothingLeft, type System } from '../support/system.ts'
import { until } from '../support/until.ts'
import { usersAfterScenarios } from '../support/users.ts'

const missing = await whyNoPython()

describe.skipIf(missing !== undefined)(`A stage in LocalStack, played by MiniStack ${missing ?? ''}`, () => {
  let system: System
  let port: number
  let operator: Operator
  let alice: HttpClient
  /** The REST API itself, without our gateway before it. */
  let api: string
  beforeAll(async () => {
    port = await anyFreePort()
    const script = 'localstack/docker/local-docker.ts'
    system = await launch({ script, args: ['--stand-in'], env: { LOCALSTACK_PORT: String(port) } })
    ;({ operator, alice } = await usersAfterScenarios(system))
    api = /The REST API itself, with the same tokens: (\S+)$/m.exec(system.stdout())?.[1] ?? 'not told'
  }, 300_000)
  afterAll(() => system.destroy())

  test('plays every scenario to its end', () => {
    expect(system.stdout()).toContain('10 of 10 scenarios ended as they should')
    expect(system.stderr()).toContain('deploying into MiniStack')
  })

  test('approves an order that came by our gateway, and one that came by its REST API', async () => {
    await operator.product('tea', 10, 350)
    for (const client of [alice, new HttpClient(api, alice.token)]) {
      const order = await client.end(await client.place({ tea: 2 }, 'tok_visa'))
      expect(order).toMatchObject({ status: 'APPROVED', total: { amount: 700 } })
    }
    expect((await operator.get('/products/tea')).body).toMatchObject({ stock: 6 })
  })

  test.each([
    ['our gateway', () => system.url],
    ['the REST API itself', () => api],
  ])('answers nobody and customers as it should by %s', async (_, url) => {
    expect((await new HttpClient(url()).get('/health')).status).toBe(200)
    expect((await new HttpClient(url()).get('/orders')).status).toBe(401)
    expect((await new HttpClient(url(), 'x.y.z').get('/orders')).status).toBe(401)
    expect((await new HttpClient(url(), await tokenOf('--sub', 'eve', '--expires', '-5')).get('/orders')).status).toBe(
      401,
    )
    expect((await new HttpClient(url(), alice.token).get('/sagas')).status).toBe(403)
    expect((await new HttpClient(url(), operator.token).get('/sagas')).status).toBe(200)
  })

  test('keeps a message that nobody can read as a dead letter', async () => {
    await produce(system.brokers, [{ topic: 'orders-commands', key: 'garbage', value: '{"commandType":' }])
    const letter = await until('the dead letter', 30_000, async () => {
      const { items } = (await operator.get('/dead-letters')).body as { items: { key: string; topic: string }[] }
      return items.find(({ key }) => key === 'garbage')
    })
    expect(letter).toMatchObject({ topic: 'orders-commands', reason: 'NOT_JSON', status: 'WAITING' })
  })

  test('holds an order while a consumer stands still, and ends it afterwards', async () => {
    await operator.pause('payment')
    const id = await alice.place({ tea: 1 }, 'tok_visa')
    await operator.resume('payment')
    expect(await alice.end(id)).toMatchObject({ status: 'APPROVED' })
  })

  test('ends when it is told to, and leaves nothing', async () => {
    expect(await system.stop()).toEqual({ code: 0, ...nothingLeft })
    expect(await isFree(port)).toBe(true)
  })
})
