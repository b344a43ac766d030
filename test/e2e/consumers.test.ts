/** A consumer that fails, on the real system: who looks sees since when and why, and its dead letters say so too. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { produce, readAll } from '../support/broker-client.ts'
import { cliOf } from '../support/cli.ts'
import { Operator, tokenOf } from '../support/http-client.ts'
import { asLambda } from '../support/lambda-failure.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { until } from '../support/until.ts'

let system: System
let operator: Operator

beforeAll(async () => {
  system = await launch({ args: ['--no-demo'] })
  const token = await tokenOf('--sub', 'olga', '--group', 'operators')
  await system.ready()
  operator = new Operator(system.url, token)
})
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

interface Consumer {
  readonly consumer: string
  readonly topic: string
  readonly failingSince?: string
}

const list = async () => {
  const { stdout } = await cliOf(system.url, 'consumers', 'list', '--json')
  return (JSON.parse(stdout) as { items: Consumer[] }).items
}
const SEEN_WITHIN_MS = 30_000

test('is seen by `cli consumers` within half a minute, and what Lambda gives up on carries its error', async () => {
  const healthy = await list()
  expect(healthy).toContainEqual({ consumer: 'order-saga', topic: 'products-events' })
  expect(healthy).toContainEqual({ consumer: 'payment', topic: 'payments-commands' })
  expect(healthy.filter(({ failingSince }) => failingSince !== undefined)).toEqual([])

  expect((await operator.post('/sandbox/provider', { mode: 'down' })).status).toBe(200)
  const data = { amount: 100, currency: 'EUR', paymentMethod: 'tok_visa' }
  // Not of a saga of ours: nobody asks again, so the message itself is delivered again until the provider is back.
  const command = { commandID: 'foreign-1', commandType: 'PaymentProcessCommand', orderId: 'foreign-1', data }
  const from = Date.now()
  const [placed] = await produce(system.brokers, [
    { topic: 'payments-commands', key: 'foreign-1', value: JSON.stringify(command) },
  ])
  const failing = await until('the consumer to be seen failing', SEEN_WITHIN_MS, async () =>
    (await list()).find(({ failingSince }) => failingSince !== undefined),
  )
  expect(Date.now() - from).toBeLessThan(SEEN_WITHIN_MS)
  expect(failing).toEqual({
    consumer: 'payment',
    topic: 'payments-commands',
    failingSince: expect.toSatisfy((at: string) => Date.parse(at) >= from && Date.parse(at) < Date.now()),
    lastError: expect.stringContaining('RetryableError PROVIDER_AWAY: '),
    blockedRecord: { topic: 'payments-commands', partition: placed?.partition, offset: placed?.offset },
  })
  const { stdout } = await cliOf(system.url, 'consumers', 'show', 'payment')
  expect(stdout).toContain(`partition ${placed?.partition}, offset ${placed?.offset}`)
  expect(stdout).toMatch(/last error +RetryableError PROVIDER_AWAY: /)

  const [record] = await readAll(system.brokers, ['payments-commands'])
  if (!record) throw new Error('the command is not on its topic')
  await produce(system.brokers, [{ topic: 'payments-commands.dlq', ...asLambda(record, 'payment') }])
  await until('the dead letter with the error', 20_000, async () => {
    const { items } = (await operator.get('/dead-letters')).body as { items: { error: string }[] }
    return items.some(({ error }) => error.includes('its last error, at offset') && error.includes('PROVIDER_AWAY'))
  })

  // What was held up is handled as soon as the provider is back.
  expect((await operator.post('/sandbox/provider', { mode: 'up' })).status).toBe(200)
  await until('the charge', 60_000, async () => (await operator.chargesOf('foreign-1')).length > 0)
})
