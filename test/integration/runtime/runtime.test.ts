import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signToken } from '../../../localstack/runtime/identity.ts'
import { type Runtime, startRuntime } from '../../../localstack/runtime/runtime.ts'
import { synthesizeAside } from '../../../localstack/runtime/synth.ts'
import { readCloudAssembly } from '../../../localstack/runtime/template/cloud-assembly.ts'
import { planOf } from '../../../localstack/runtime/template/plan.ts'
import { freePort } from '../../../localstack/servers/index.ts'
import { sharedServers, unique } from '../../support/servers.ts'

/** The whole order domain, from its own templates, with a DynamoDB Local of its own and the shared broker. */
const stateDir = mkdtempSync(join(tmpdir(), 'recourse-runtime-'))
const topicPrefix = unique('runtime')
let cdkOut: string
let runtime: Runtime
const told: string[] = []

beforeAll(async () => {
  // One topic by another name, as a deployment on Event Hubs has some: nobody may know it by the catalog's.
  const overrides = { topicPrefix, topicNames: { 'orders-events': 'order-hub' } }
  cdkOut = await synthesizeAside({ stage: 'local', outDir: join(stateDir, 'cdk.out'), overrides })
  runtime = await startRuntime({
    port: 0,
    kafkaPort: 0,
    dynamodbPort: await freePort(),
    stateDir,
    kafkaBrokers: sharedServers().brokers,
    sweepSeconds: 5,
    cdkOut,
    say: line => told.push(line),
  })
}, 120_000)
afterAll(async () => {
  await runtime?.stop()
  rmSync(stateDir, { recursive: true, force: true })
})

const ask = async (
  method: 'GET' | 'POST',
  path: string,
  { groups = [], body, headers = {} }: { groups?: string[]; body?: unknown; headers?: Record<string, string> } = {},
) => {
  const response = await fetch(runtime.url + path, {
    method,
    headers: {
      authorization: `Bearer ${await signToken({ sub: 'alice', groups })}`,
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const operators = { groups: ['operators'] }
const order = (quantity: number) =>
  ask('POST', '/orders', { body: { items: [{ productId: 'tea', quantity }], paymentMethod: 'tok_visa' } })
const statusOf = async (orderId: unknown) => (await ask('GET', `/orders/${String(orderId)}`)).body['status']

describe('the templates of the order domain, executed', () => {
  it('approve an order, and tell the way that its messages took', async () => {
    const tea = { productId: 'tea', name: 'Tea', price: { amount: 350, currency: 'EUR' }, stock: 10 }
    expect((await ask('POST', '/products', { ...operators, body: tea })).status).toBe(201)
    const { body } = await order(2)
    await expect.poll(() => statusOf(body['orderId']), { timeout: 20_000 }).toBe('APPROVED')
    await expect.poll(() => runtime.timeline(String(body['orderId'])).length, { timeout: 5000 }).toBe(7)
    const timeline = runtime.timeline(String(body['orderId']))
    expect(timeline.map(({ message, topic }) => `${message} on ${topic.slice(topicPrefix.length)}`)).toEqual([
      'OrderCreatedEvent on order-hub',
      'ProductReserveCommand on products-commands',
      'ProductReserveConfirmationEvent on products-events',
      'PaymentProcessCommand on payments-commands',
      'PaymentProcessSuccessfulEvent on payments-events',
      'OrderApprovedCommand on orders-commands',
      'OrderApprovedEvent on order-hub',
    ])
    expect(timeline.every(({ version }) => version !== undefined)).toBe(true)
  })

  it('stand still at a paused consumer, and go on when it is resumed', async () => {
    const path = '/sandbox/consumers/product'
    expect((await ask('POST', '/sandbox/consumers/nobody/pause', operators)).status).toBe(404)
    expect((await ask('POST', `${path}/pause`, operators)).body).toEqual({ name: 'product', status: 'PAUSED' })
    const { body } = await order(1)
    await expect.poll(() => runtime.timeline(String(body['orderId'])).length, { timeout: 10_000 }).toBe(1)
    await new Promise(resolve => setTimeout(resolve, 1000))
    expect(await statusOf(body['orderId'])).toBe('PENDING')
    expect((await ask('POST', `${path}/resume`, operators)).status).toBe(200)
    await expect.poll(() => statusOf(body['orderId']), { timeout: 20_000 }).toBe('APPROVED')
  })

  it('survive the death of DynamoDB: 503 meanwhile, then every order ends and nothing is lost', async () => {
    const placed = (await Promise.all([1, 1, 1].map(order))).map(({ body }) => body['orderId'])
    process.kill(runtime.pids()['DynamoDB Local'] ?? 0, 'SIGKILL')
    await expect.poll(async () => (await ask('GET', '/products/tea')).status, { interval: 20, timeout: 5000 }).toBe(503)
    for (const orderId of placed) await expect.poll(() => statusOf(orderId), { timeout: 40_000 }).toBe('APPROVED')
    expect((await ask('GET', '/products/tea')).body['stock']).toBe(4)
    expect(told.join('\n')).toMatch(/DynamoDB Local ended by SIGKILL: starting it again on its data \(1 of 3\)/)
  })

  it('tell what each function did, and keep what it printed in a file', async () => {
    const { functions, messages, residentBytes } = await runtime.stats()
    expect(Object.keys(functions)).toEqual(
      expect.arrayContaining([
        'order',
        'order-api',
        'order-saga',
        'outbox-relay',
        'payment',
        'product',
        'product-api',
        'timeouts',
      ]),
    )
    expect(functions['order-saga']).toMatchObject({ timeouts: 0 })
    expect(functions['order-saga']?.invocations).toBeGreaterThan(3)
    expect(functions['order-saga']?.cpuMs).toBeGreaterThan(0)
    expect(messages[`${topicPrefix}order-hub`]).toBeGreaterThanOrEqual(10)
    expect(residentBytes).toBeGreaterThan(0)
    expect(readFileSync(runtime.logFile, 'utf8')).toContain('DynamoDB Local')
  })

  it('run the very bundles that would be deployed', () => {
    for (const { folder } of planOf(readCloudAssembly(cdkOut)).functions)
      expect(readdirSync(folder)).toEqual(['index.mjs'])
  })
})
