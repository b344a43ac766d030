/** What is published and answered, held against the documents. */
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { PublishedRecord } from '#engine/adapters/memory/publisher.ts'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { describe, expect, it, test } from 'vitest'
import type { Quoting } from '../../../../lambdas/quoting.ts'
import { asyncApi } from '../../../../scripts/docs/asyncapi.ts'
import { openApi } from '../../../../scripts/docs/openapi.ts'
import { wirings } from '../../../../scripts/docs/wirings.ts'
import { type Answer, type Call, gatewayTo } from '../../../support/http.ts'
import { readBack, record } from '../../../support/dead-letters.ts'
import { lettersOfSamples } from '../letters.ts'
import { quotingSystem, smallSystem } from '../small-system.ts'

/** Headers that an answer has only where its route says so. */
const OURS = new Set(['x-request-id', 'location', 'retry-after', 'preference-applied'])
const operator = { sub: 'olga', groups: 'operators' }

describe.each(wirings)('messages, quoting by $name,', wiring => {
  const document = closed(asyncApi(wiring, '1.0.0'))
  const schemas = new Ajv({ strict: false, validateFormats: false })
  schemas.addSchema(document, 'asyncapi')
  const check = (path: string, value: unknown) => {
    const fits = schemas.compile({ $ref: `asyncapi#/${path}` })
    fits(value)
    expect([path, value, fits.errors ?? []]).toEqual([path, value, []])
  }
  const checkAll = (records: readonly PublishedRecord[]) => {
    for (const { topic, key, value, headers } of records) {
      const type = String(headers['ce_type'])
      expect(document.channels[topic]).toHaveProperty(['messages', type])
      check(`components/messages/${type}/payload`, JSON.parse(String(value)))
      check('components/schemas/headers', headers)
      expect(key).toBe(headers['sagaid'])
    }
    return [...new Set(records.map(({ headers }) => String(headers['ce_type'])))].sort((a, b) => a.localeCompare(b))
  }

  test('of orders are as documented: approved, out of stock, declined', async () => {
    const { app, records } = smallSystem()
    const call = gatewayTo(app)
    const product = { productId: 'tea', name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 5 }
    await call({ method: 'POST', path: '/products', body: product, ...operator })
    for (const [quantity, paymentMethod] of [
      [2, 'tok_visa'],
      [9, 'tok_visa'],
      [1, 'tok_declined'],
    ] as const)
      await call({ method: 'POST', path: '/orders', body: { items: [{ productId: 'tea', quantity }], paymentMethod } })
    expect(checkAll(records())).toEqual([
      'OrderApprovedCommand',
      'OrderApprovedEvent',
      'OrderCreatedEvent',
      'OrderRejectCommand',
      'OrderRejectedEvent',
      'PaymentFailedEvent',
      'PaymentProcessCommand',
      'PaymentProcessSuccessfulEvent',
      'ProductReserveCancelCommand',
      'ProductReserveCancelledEvent',
      'ProductReserveCommand',
      'ProductReserveConfirmationEvent',
      'ProductReserveFailedEvent',
    ])
  })

  test('of quotes are as documented: completed, refused, of an unknown customer', async () => {
    const { app, records } = quotingSystem(wiring.name as Quoting)
    const call = gatewayTo(app)
    await call({ method: 'POST', path: '/customers', body: { customerId: 'c1', name: 'C' }, ...operator })
    for (const [quoteID, premium, customerId] of [
      ['q1', 100, 'c1'],
      ['q2', -1, 'c1'],
      ['q3', 100, 'nobody'],
    ] as const) {
      await call({ method: 'POST', path: '/quotes', body: { quoteID, premium, customerId } })
      await call({ method: 'POST', path: `/quotes/${quoteID}/approve` })
    }
    expect(checkAll(records())).toEqual(expect.arrayContaining(['QuoteApproved', 'QuoteCompleted', 'QuoteRejected']))
  })

  test.each([
    '{"commandID":"command-1","quoteID":"quote-123","commandType":"CreatePolicy","data":{"premium":1200,"customerId":"cust-456"}}',
    '{"eventID":"event-1","quoteID":"quote-123","eventType":"QuoteApproved","data":{"premium":1200,"customerId":"cust-456"}}',
    '{"eventID":"event-2","policyID":"policy-789","eventType":"PolicyCreated","data":{"quoteID":"quote-123","customerId":"cust-456"}}',
    '{"commandID":"command-2","customerId":"cust-456","commandType":"UpdateCustomerPolicyCount","data":{"policyCount":5}}',
    '{"eventID":"event-3","quoteID":"quote-123","eventType":"PolicyCreationFailed","data":{"reason":"Invalid premium amount"}}',
    '{"commandID":"command-3","quoteID":"quote-123","commandType":"RejectQuote","data":{"reason":"Policy creation failed"}}',
    '{"eventID":"event-4","quoteID":"quote-123","eventType":"QuoteRejected","data":{"reason":"Policy creation failed"}}',
  ])('of others fit too: %s', text => {
    const value = JSON.parse(text) as { commandType?: string; eventType?: string }
    check(`components/messages/${value.commandType ?? value.eventType}/payload`, value)
  })

  test('that are dead have the headers that are documented', () => {
    const bytes = new Uint8Array()
    const record = { topic: 'a', partition: 0, offset: 0, timestamp: 0, key: bytes, value: bytes, headers: [] }
    const { headers } = deadLetter(record, { reason: 'NOT_JSON', error: '', consumer: 'order', attempts: 1 })
    check('components/schemas/deadLetterHeaders', headers)
  })
})

describe('answers', () => {
  const document = closed(openApi(wirings, '1.0.0'))
  const schemas = new Ajv2020({ strict: false, validateFormats: false })
  schemas.addSchema(document, 'openapi')

  /** Throws unless the route, the status, the headers and the body are documented. */
  function check({ method = 'GET', path }: Call, { status, headers, body }: Answer) {
    const pathname = path.split('?', 1)[0] ?? ''
    // A written segment wins over a parameter.
    const template = [pathname, ...Object.keys(document.paths)].find(
      candidate =>
        candidate in document.paths &&
        candidate.split('/').length === pathname.split('/').length &&
        matches(candidate, pathname),
    )
    const at = ['paths', template ?? '', method.toLowerCase(), 'responses', String(status)]
    const found = at.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document)
    expect(found, at.join(' ')).toBeDefined()
    const { $ref, headers: told } = found as { $ref?: string; headers?: object }
    if (told) expect(Object.keys(headers).filter(name => OURS.has(name) && !(name in told))).toEqual([])
    const response = $ref ?? `#/${at.map(part => encodeURIComponent(part.replaceAll('/', '~1'))).join('/')}`
    const [mediaType] = (headers['content-type'] ?? '').split(';')
    const fits = schemas.compile({
      $ref: `openapi${response}/content/${encodeURIComponent((mediaType ?? '').replaceAll('/', '~1'))}/schema`,
    })
    fits(body)
    expect([body, fits.errors ?? []]).toEqual([body, []])
    return status
  }
  const matches = (template: string, pathname: string) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname)

  it('are as documented, good and bad', async () => {
    const [orders, quotes] = [smallSystem(), quotingSystem('orchestration')]
    const statuses: string[] = []
    const asked = async (app: typeof orders.app, call: Call) => {
      const answer = await gatewayTo(app)(call)
      statuses.push(`${check(call, answer)}`)
      return answer.body
    }
    const tea = { productId: 'tea', name: 'Tea', price: { amount: 450, currency: 'EUR' }, stock: 5 }
    const order = { items: [{ productId: 'tea', quantity: 1 }], paymentMethod: 'tok_visa' }
    const post = (path: string, body?: unknown) => ({ method: 'POST', path, body })
    const key = { 'idempotency-key': 'k1' }

    await asked(orders.app, { ...post('/products', tea), ...operator })
    await asked(orders.app, { ...post('/products', { ...tea, stock: 6 }), ...operator })
    await asked(orders.app, post('/products', tea))
    await asked(orders.app, { ...post('/products', { ...tea, stock: -1 }), ...operator })
    await asked(orders.app, { path: '/products?limit=1' })
    await asked(orders.app, { path: '/products?limit=0' })
    await asked(orders.app, { path: '/products/tea' })
    await asked(orders.app, { path: '/products/coffee' })
    const { orderId } = await asked(orders.app, { ...post('/orders', order), headers: key })
    await asked(orders.app, { ...post('/orders', { ...order, paymentMethod: 'tok_other' }), headers: key })
    await asked(orders.app, { ...post('/orders', order), headers: { prefer: 'wait=1' } })
    await asked(orders.app, { ...post('/orders', order), headers: { 'content-type': 'text/plain' } })
    await asked(orders.app, { ...post('/orders', { ...order, more: 'x'.repeat(70_000) }) })
    await asked(orders.app, { path: '/orders', sub: null })
    await asked(orders.app, { path: '/orders' })
    await asked(orders.app, { path: `/orders/${orderId}` })
    await asked(orders.app, { path: `/orders/${orderId}/history` })

    await asked(quotes.app, { ...post('/customers', { customerId: 'c1', name: 'C' }), ...operator })
    await asked(quotes.app, { path: '/customers/c1', ...operator })
    await asked(quotes.app, { path: '/customers/c1' })
    await asked(quotes.app, post('/quotes', { quoteID: 'q1', customerId: 'c1', premium: 100 }))
    await asked(quotes.app, { path: '/quotes/q1' })
    await asked(quotes.app, post('/quotes/q1/approve'))
    await asked(quotes.app, { ...post('/quotes/q1/approve'), headers: { prefer: 'wait=1' } })
    await asked(quotes.app, post('/quotes/q2/approve'))
    const { policyID } = await asked(quotes.app, { path: '/quotes/q1' })
    await asked(quotes.app, { path: `/policies/${policyID}` })
    expect(statuses.join(' ')).toBe(
      '201 409 403 400 200 400 200 404 202 422 200 415 413 401 200 200 200 201 200 403 201 200 202 200 404 200 200',
    )
  })

  it('of dead letters are as documented too', async () => {
    const desk = lettersOfSamples()
    const about = { reason: 'NOT_JSON', error: 'e', consumer: 'order', attempts: 1 } as const
    const own = record({ key: 'o1', headers: { 'x-mine': 'kept', ce_type: 'OrderApprovedCommand' } })
    await desk.index([readBack(deadLetter(own, about)), record({ topic: 'orders-events.dlq', offset: 1, key: null })])
    const sagaKey = 'order:o1'
    const item = { sagaKey, status: 'COMPLETED', step: 'approve', doing: 'do' }
    await desk.store.writeRows([{ ref: { table: 'sagas', key: { sagaKey } }, item }])
    const statuses: string[] = []
    const asked = async (call: Call) => {
      const answer = await gatewayTo(desk.app)({ ...operator, ...call })
      statuses.push(`${check(call, answer)}`)
      return answer.body
    }
    const post = (path: string, body: unknown = { reason: 'r' }) => ({ method: 'POST', path, body })
    const { items } = await asked({ path: '/dead-letters?limit=1' })
    await asked({ path: '/dead-letters?status=NONE' })
    await asked({ path: '/dead-letters', groups: '' })
    const all = await asked({ path: '/dead-letters?topic=orders-commands' })
    for (const { id } of [...items, ...all.items]) {
      await asked({ path: `/dead-letters/${id}` })
      await asked(post(`/dead-letters/${id}/discard`))
      await asked(post(`/dead-letters/${id}/redrive`))
      await asked(post(`/dead-letters/${id}/discard`))
      await asked({ path: `/dead-letters/${id}` })
    }
    await asked({ path: '/dead-letters/nothing' })
    await asked(post('/dead-letters/redrive', { reason: 'r', all: true }))
    await asked(post('/dead-letters/redrive'))
    // The newest can go back; the other is a command, and its saga has ended.
    expect(statuses.join(' ')).toBe('200 400 403 200 200 202 202 409 200 200 202 409 202 200 404 202 400')
  })
})

/** The document with every object that lists its fields having no others: what is not documented is found. */
function closed<T>(document: T): T {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close)
    if (typeof value !== 'object' || value === null) return value
    const inner = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, close(field)]))
    return inner['type'] === 'object' && inner['properties'] ? { ...inner, additionalProperties: false } : inner
  }
  return close(document) as T
}
