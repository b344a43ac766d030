/** What customers entrust to us is in no log, no list of dead letters, no timeline and no problem document. */
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { jsonLog } from '#engine/adapters/node/log.ts'
import { createApi } from '#engine/http/api.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import { deadLettersTable } from '../../../../lambdas/platform/dead-letters/tables.ts'
import { createOperationsApi } from '../../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../../lambdas/platform/operations/tables.ts'
import { quotings } from '../../../../lambdas/quoting.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import { httpProvider } from '../../../../lambdas/services/payment/http-provider.ts'
import { CANARIES, canariesIn } from '../../../support/canaries.ts'
import { lettersOfSamples } from '../letters.ts'
import { type Answer, type Call, gatewayTo } from '../../../support/http.ts'
import { publishedTopics } from '../../../support/published-messages.ts'
import { quotingSystem, smallSystem } from '../small-system.ts'

const { card, name, sub, jwt } = CANARIES
const operator = { sub: 'olga', groups: 'operators' }
const headers = { authorization: `Bearer ${jwt}`, cookie: `session=${jwt}`, 'x-card': card }

let lines: string[]
const logTo = jsonLog({ service: 'test', write: line => void lines.push(line) })
beforeEach(() => void (lines = []))
afterEach(() => expect(canariesIn(lines.join('\n'))).toEqual([]))

/** Calls as the customer; what was answered, which must not hold what only we should know. */
const asking = (app: Parameters<typeof gatewayTo>[0]) => {
  const call = gatewayTo(app)
  return async (asked: Call): Promise<Answer> => {
    const answer = await call({ sub, headers, ...asked })
    const { name: shown, ...rest } = answer.body as { name?: string }
    // An operator who asks for a customer is shown the name, and nobody else.
    expect(shown === undefined || asked.groups === 'operators').toBe(true)
    expect([asked.path, canariesIn(JSON.stringify([answer.headers, rest]))]).toEqual([asked.path, []])
    return answer
  }
}

const order = (paymentMethod: unknown, quantity: unknown = 1) => ({
  method: 'POST',
  path: '/orders',
  body: { items: [{ productId: 'tea', quantity }], paymentMethod },
})
const product = {
  method: 'POST',
  path: '/products',
  body: { productId: 'tea', name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 50 },
  ...operator,
}

test('orders: approved, refused in every way that there is, invalid in every way', async () => {
  const { app, provider } = smallSystem({ logOf: () => logTo })
  const ask = asking(app)
  await ask(product)
  const { orderId } = (await ask(order(card))).body
  await ask(order(card, 999))
  await ask(order('tok_declined'))
  provider.setMode('hang')
  await ask(order(card))
  for (const path of ['/orders', `/orders/${orderId}`, `/orders/${orderId}/history`]) await ask({ path })
  const bodies: unknown[] = [card, [card], null, { paymentMethod: card }, { ...order(card).body, items: card }]
  for (const value of [card.repeat(9), [card], { card }, null]) bodies.push(order(value).body)
  for (const value of [card, name, [jwt]]) bodies.push(order(card, value).body)
  for (const body of bodies) expect((await ask({ method: 'POST', path: '/orders', body })).status).toBe(400)
  for (const raw of [card, `{"paymentMethod":${card}`, `"${card}`, `{"${card}"}`]) {
    expect((await ask({ method: 'POST', path: '/orders', raw })).status).toBe(400)
    expect((await ask({ ...order(card), headers: { 'content-type': jwt } })).status).toBe(415)
  }
  await ask({ ...order(card), headers: { 'idempotency-key': `${card}é` } })
  await ask({ ...order(card), headers: { prefer: `wait=${card}` } })
  await ask({ path: `/orders?limit=${card}&cursor=${jwt}` })
  expect(lines.length).toBeGreaterThan(0)
})

test.each(quotings)('quotes by %s: completed and rejected', async quoting => {
  const { app } = quotingSystem(quoting, { logOf: () => logTo })
  const ask = asking(app)
  await ask({ method: 'POST', path: '/customers', body: { customerId: 'c1', name }, ...operator })
  await ask({ method: 'POST', path: '/customers', body: { customerId: 'c1', name }, ...operator })
  await ask({ method: 'POST', path: '/customers', body: { customerId: name, name: [name] }, ...operator })
  for (const [quoteID, premium, customerId] of [
    ['q1', 100, 'c1'],
    ['q2', -1, 'c1'],
    ['q3', 100, 'nobody'],
  ] as const) {
    await ask({ method: 'POST', path: '/quotes', body: { quoteID, premium, customerId } })
    await ask({ method: 'POST', path: `/quotes/${quoteID}/approve`, headers: { ...headers, prefer: 'wait=1' } })
    await ask({ path: `/quotes/${quoteID}` })
    await ask({ path: `/quotes/${quoteID}`, ...operator })
  }
  const { policyID } = (await ask({ path: '/quotes/q1' })).body
  expect((await ask({ path: `/policies/${policyID}` })).status).toBe(200)
})

/** What cannot be handled, and holds all of them: of a type that is known on the topic, and of none. */
function poison(type: string, kind: string): (string | Buffer)[] {
  const all = Object.values(CANARIES)
  const odd = Object.fromEntries(all.map((value, i) => [`field${i}`, value]))
  const names = [
    'items',
    'total',
    'amount',
    'currency',
    'paymentMethod',
    'customerId',
    'reason',
    'premium',
    'policyCount',
  ]
  const value = (data: unknown, more: object = {}) =>
    JSON.stringify({
      [`${kind}ID`]: 'm1',
      [`${kind}Type`]: type,
      orderId: 'o9',
      quoteID: 'q9',
      sagaId: 's9',
      data,
      ...more,
    })
  return [
    ...all,
    ...all.map(text => JSON.stringify(text)),
    ...all.map(text => JSON.stringify({ [`${kind}Type`]: text, orderId: 'o9', data: odd })),
    ...all.map(text => value(Object.fromEntries(names.map(name => [name, text])))),
    ...all.map(text => value(Object.fromEntries(names.map(name => [name, [{ [text]: text }]])))),
    ...all.map(text => value({ items: [{ productId: text, quantity: text }], reply: { [text]: text } })),
    value({ ...odd, reason: `\ud800${card}`, paymentMethod: card, items: [{ productId: 'tea', quantity: 1 }] }),
    value({ customerId: sub, paymentMethod: card.repeat(90), reason: card.repeat(90) }),
    JSON.stringify({ data: odd, card }),
    Buffer.concat([Buffer.from(card), Buffer.from([0xff]), Buffer.from(jwt)]),
  ]
}

const poisoned = { logOf: () => logTo, keepsDeadLetters: true }
const systems = [
  { domain: 'orders', quoting: 'orchestration', system: () => smallSystem({ ...poisoned }) },
  ...quotings.map(quoting => ({
    domain: 'quoting',
    quoting,
    system: () => quotingSystem(quoting, { ...poisoned }),
  })),
] as const

test.each(systems)(
  'poison on the topics of $domain by $quoting is found, told of, and not quoted',
  async ({ system, quoting }) => {
    const { produce, records } = system()
    const letters = lettersOfSamples({ log: logTo })
    let sent = 0
    for (const { topic, types } of publishedTopics(quoting))
      for (const { type, kind } of types)
        for (const value of poison(type, kind)) {
          await produce(topic, value)
          sent += 1
        }
    const dead = records().filter(({ topic }) => topic.endsWith('.dlq'))
    expect(dead.length).toBeGreaterThan(sent / 5)
    await letters.index(
      dead.map(
        ({ key, value, headers: told, ...place }): IncomingRecord => ({
          ...place,
          timestamp: 0,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
          headers: Object.entries(told).map(([name, text]) => ({ name, value: Buffer.from(text) })),
        }),
      ),
    )
    let [cursor, listed, shown]: [string, number, number] = ['', 0, 0]
    do {
      const { status, body } = await letters.get(`/dead-letters?limit=100${cursor}`)
      expect([status, canariesIn(JSON.stringify(body))]).toEqual([200, []])
      for (const { id } of body.items.slice(0, 10) as { id: string }[]) {
        // Whoever may decide about a record sees it as it is; nobody else does.
        const whole = (await letters.get(`/dead-letters/${id}`)).body
        shown += canariesIn(String(whole.value)).length > 0 ? 1 : 0
        expect((await letters.call({ path: `/dead-letters/${id}`, sub })).status).toBe(403)
        const decided = await letters.post(`/dead-letters/${id}/discard`, { reason: 'nobody needs it' })
        expect([decided.status, canariesIn(JSON.stringify(decided.body))]).toEqual([202, []])
      }
      listed += body.items.length as number
      cursor = body.cursor === undefined ? '' : `&cursor=${body.cursor}`
    } while (cursor !== '')
    expect(listed).toBe(dead.length)
    expect(shown).toBeGreaterThan(0)
    await letters.post('/dead-letters/redrive', { reason: 'all of them', all: true })
  },
)

test('sagas and their timelines tell nothing of what they carry', async () => {
  const { app, store } = smallSystem({ logOf: () => logTo })
  const ask = asking(app)
  await ask(product)
  for (const paymentMethod of [card, 'tok_declined']) await ask(order(paymentMethod))
  await ask(order(card, 999))
  const own = memoryStore([sagasTable, sagaActionsTable, deadLettersTable])
  const sagas = store.items('sagas')
  await own.writeRows(
    sagas.map(item => ({ ref: { table: 'sagas', key: { sagaKey: item['sagaKey'] as string } }, item })),
  )
  const ports = {
    store: own,
    clock: systemClock,
    log: logTo,
    newId: () => 'a1',
    definitions: [orderSaga],
    consumers: {},
  }
  const askOperator = asking(createOperationsApi(ports))
  const { items } = (await askOperator({ path: '/sagas', ...operator })).body
  expect(items).toHaveLength(3)
  for (const { id } of items as { id: string }[]) {
    expect((await askOperator({ path: `/sagas/order/${id}`, ...operator })).body.timeline.length).toBeGreaterThan(1)
    const body = { reason: 'why', outcome: 'done', reply: { paymentId: card, [card]: [card] } }
    await askOperator({ method: 'POST', path: `/sagas/order/${id}/resolve`, body, ...operator })
  }
})

describe('what fails and quotes what it was given', () => {
  test('an exception in a decision', async () => {
    const { app, records: published } = smallSystem({
      logOf: () => logTo,
      orchestrate: (...versions) => ({
        ...orchestrator(...versions),
        decide: (_state, message) => {
          throw new SyntaxError(`Unexpected token in ${JSON.stringify(message.body)}`, {
            cause: { Item: message.body, Code: 'Validation', Message: `${card} is no number`, $response: { headers } },
          })
        },
      }),
    })
    const ask = asking(app)
    await ask(product)
    await ask({ ...order(card), sub: 'alice' })
    expect(lines.filter(line => line.includes('message.rules-threw'))).toHaveLength(1)
    expect(lines.join('')).toContain('Unexpected token in')
    expect(published().flatMap(({ headers }) => headers['dlq_error'] ?? [])).toEqual([
      expect.stringContaining('SyntaxError: Unexpected token in'),
    ])
    expect(canariesIn(JSON.stringify(published().map(({ headers }) => headers)))).toEqual([])
  })

  test('an exception in a route', async () => {
    const app = createApi(logTo)
    app.get('/boom', () => {
      throw new Error(`no ${card} for ${jwt} with ${CANARIES.number}`, { cause: { body: card, authorization: jwt } })
    })
    const { status, body } = await asking(app)({ path: '/boom' })
    expect([status, body.type]).toEqual([500, 'urn:recourse:problem:internal'])
  })

  test.each([
    ['garbage', 200, card],
    ['what quotes the request', 200, JSON.stringify({ status: card, paymentId: [name] })],
    ['a refusal', 400, card],
    ['an outage', 503, card],
    ['an error', 500, card],
    ['nothing', 0, ''],
  ])('a payment provider that answers %s', async (_, status, body) => {
    const server = createServer((request, response) => {
      if (status === 0) request.socket.destroy()
      else response.writeHead(status, { 'x-card': card }).end(body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const provider = httpProvider({ url: `http://127.0.0.1:${port}`, token: jwt, timeoutMs: 500 })
    const charge = { key: 'k1', orderId: 'o1', amount: 1, currency: 'EUR', paymentMethod: card }
    const asked = [
      provider.charge(charge),
      provider.cancel(charge),
      provider.refund({ key: 'k1', refundKey: 'k1-refund' }),
      provider.find({ key: 'k1' }),
    ]
    const results = await Promise.allSettled(asked)
    // As they are logged, and as what they say of themselves.
    for (const result of results)
      if (result.status === 'rejected') {
        logTo.warn('message.retry', { error: result.reason as unknown })
        for (let error = result.reason as Error | undefined; error; error = error.cause as Error | undefined)
          expect(canariesIn(`${error.message} ${error.stack}`)).toEqual([])
      }
    expect(results.filter(result => result.status === 'rejected').length).toBeGreaterThan(1)
  })
})
