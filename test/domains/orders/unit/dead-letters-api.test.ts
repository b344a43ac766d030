import { beforeEach, describe, expect, test } from 'vitest'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { type Given, readBack, record, START } from '../../../support/dead-letters.ts'
import { lettersOfSamples } from '../../samples/letters.ts'

let desk: ReturnType<typeof lettersOfSamples>
beforeEach(() => {
  desk = lettersOfSamples()
})

interface Letter {
  readonly id: string
  readonly key: string
  readonly status: string
}

/** A dead letter that came `at` seconds after the start. */
async function addDeadLetter(
  given: Given,
  { at = 0, reason = 'INVALID' as const, consumer = 'order' } = {},
): Promise<string> {
  const own = record(given)
  await desk.index([readBack(deadLetter(own, { reason, error: 'e', consumer, attempts: 1 }), 0, START + at * 1000)])
  const { items } = (await desk.get('/dead-letters?limit=100')).body as { items: Letter[] }
  return items.find(({ key }) => key === given.key)?.id ?? ''
}
const keysOf = async (query = '') => {
  const { status, body } = await desk.get(`/dead-letters${query}`)
  expect(status).toBe(200)
  return (body as { items: Letter[] }).items.map(({ key }) => key)
}
const saga = (id: string, fields: object) =>
  desk.store.writeRows([
    { ref: { table: 'sagas', key: { sagaKey: `order:${id}` } }, item: { sagaKey: `order:${id}`, ...fields } },
  ])
const why = { reason: 'because' }

describe('GET /dead-letters', () => {
  test('shows the newest first, with exactly what is documented', async () => {
    await addDeadLetter({ key: 'a', offset: 1 })
    const id = await addDeadLetter({ key: 'b', offset: 2, topic: 'orders-events' }, { at: 5 })
    expect(await keysOf()).toEqual(['b', 'a'])
    expect((await desk.get('/dead-letters?topic=orders-events')).body).toEqual({
      items: [
        {
          id,
          topic: 'orders-events',
          reason: 'INVALID',
          error: 'e',
          key: 'b',
          at: '2026-11-21T12:00:05.000Z',
          consumer: 'order',
          attempts: 1,
          status: 'WAITING',
        },
      ],
    })
  })

  test('filters by topic and by status, and pages through all statuses as one list', async () => {
    for (const n of [0, 1, 2, 3, 4, 5, 6]) await addDeadLetter({ key: `k${n}`, offset: n }, { at: n })
    const { items } = (await desk.get('/dead-letters')).body as { items: Letter[] }
    for (const { id, key } of items) {
      if (key === 'k1' || key === 'k4') await desk.post(`/dead-letters/${id}/redrive`, why)
      if (key === 'k2') await desk.post(`/dead-letters/${id}/discard`, why)
    }
    expect(await keysOf('?status=REDRIVEN')).toEqual(['k4', 'k1'])
    expect(await keysOf('?status=DISCARDED&topic=orders-commands')).toEqual(['k2'])
    expect(await keysOf('?topic=saga-control')).toEqual([])
    const pages: string[][] = []
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { body } = await desk.get(`/dead-letters?limit=3${cursor && `&cursor=${cursor}`}`)
      pages.push(body.items.map(({ key }: Letter) => key))
      cursor = body.cursor
    }
    expect(pages).toEqual([['k6', 'k5', 'k4'], ['k3', 'k2', 'k1'], ['k0']])
  })

  test('names the topics that there are when it is asked for another; one that is gone still shows what it left', async () => {
    expect((await desk.get('/dead-letters?topic=order-commands')).body.detail).toBe(
      'topic: is none that there is; did you mean orders-commands?',
    )
    expect((await desk.get('/dead-letters?topic=elsewhere')).body.detail).toContain('known here: orders-events, ')
    await addDeadLetter({ key: 'k', topic: 'elsewhere' })
    expect(await keysOf('?topic=elsewhere')).toEqual(['k'])
  })

  test.each(['status=LOST', 'topic=', 'topic=constructor', `topic=${'a'.repeat(250)}`, 'limit=0', 'cursor=nonsense'])(
    'names what is wrong: %s',
    async query => {
      const { status, body } = await desk.get(`/dead-letters?${query}`)
      expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: query.split('=')[0] })
    },
  )
})

test('everybody but operators gets 403', async () => {
  const id = await addDeadLetter({ key: 'a' })
  for (const groups of ['', 'customers']) {
    for (const path of ['/dead-letters', `/dead-letters/${id}`])
      expect((await desk.call({ path, groups })).status).toBe(403)
    for (const path of [`/dead-letters/${id}/redrive`, `/dead-letters/${id}/discard`, '/dead-letters/redrive'])
      expect((await desk.call({ method: 'POST', path, groups, body: { ...why, all: true } })).status).toBe(403)
  }
  expect(desk.fed).toEqual([])
})

describe('a decision', () => {
  test('needs a reason, and a letter', async () => {
    const id = await addDeadLetter({ key: 'a' })
    for (const what of ['redrive', 'discard']) {
      for (const body of [{}, { reason: ' ' }, { reason: 7 }])
        expect((await desk.post(`/dead-letters/${id}/${what}`, body)).body).toMatchObject({
          status: 400,
          errors: [{ field: 'reason' }],
        })
      expect((await desk.post(`/dead-letters/nothing/${what}`, why)).status).toBe(404)
    }
  })

  test('is recorded with who, why and when', async () => {
    const id = await addDeadLetter({ key: 'a' })
    await desk.clock.advance(60_000)
    expect((await desk.post(`/dead-letters/${id}/redrive`, why)).status).toBe(202)
    expect((await desk.get(`/dead-letters/${id}`)).body).toMatchObject({
      status: 'REDRIVEN',
      decisions: [{ status: 'REDRIVEN', by: 'olga', reason: 'because', at: '2026-11-21T12:01:00.000Z' }],
    })
  })

  test('twice is harmless: a redrive says the same under the same id, a discard says nothing', async () => {
    const [a, b] = [await addDeadLetter({ key: 'a', offset: 1 }), await addDeadLetter({ key: 'b', offset: 2 })]
    for (const _ of [1, 2]) {
      expect((await desk.post(`/dead-letters/${a}/redrive`, why)).status).toBe(202)
      expect((await desk.post(`/dead-letters/${b}/discard`, why)).status).toBe(202)
    }
    const ids = desk.publisher.records().map(({ headers }) => String(headers['ce_id']))
    expect(ids).toEqual(['orders-commands-0@1', 'orders-commands-0@1'])
    expect((await desk.get(`/dead-letters/${b}`)).body.decisions).toHaveLength(1)
  })

  test('to redrive takes a discard back; to discard what was redriven is a conflict', async () => {
    const id = await addDeadLetter({ key: 'a' })
    await desk.post(`/dead-letters/${id}/discard`, why)
    expect((await desk.post(`/dead-letters/${id}/redrive`, why)).body.status).toBe('REDRIVEN')
    expect((await desk.post(`/dead-letters/${id}/discard`, why)).status).toBe(409)
  })

  test('to redrive what Lambda only told of is a conflict that says what to do', async () => {
    const document = { requestContext: { functionArn: 'a:function:order', condition: 'RetryAttemptsExhausted' } }
    await desk.index([record({ topic: 'orders-commands.dlq', value: JSON.stringify(document) })])
    const [{ id }] = (await desk.get('/dead-letters')).body.items
    expect(await desk.post(`/dead-letters/${id}/redrive`, why)).toMatchObject({ status: 409 })
    expect((await desk.post('/dead-letters/redrive', { ...why, all: true })).body).toMatchObject({
      redriven: 0,
      passed: 1,
    })
    expect((await desk.post(`/dead-letters/${id}/discard`, why)).status).toBe(202)
  })
})

describe('a message that its consumer has handled', () => {
  const command = JSON.stringify({ commandID: 'c-1', orderId: 'o1', commandType: 'OrderApprovedCommand', data: {} })
  const order = (handled: readonly string[]) =>
    desk.store.writeRows([
      {
        ref: { table: 'orders', key: { orderId: 'o1' } },
        item: { orderId: 'o1', status: 'APPROVED', handled, version: 2 },
      },
    ])

  test('can be redriven and not discarded: what it caused would be lost', async () => {
    const id = await addDeadLetter({ key: 'o1', value: command })
    await order(['c-0', 'c-1'])
    const { status, body } = await desk.post(`/dead-letters/${id}/discard`, why)
    expect({ status, detail: body.detail }).toMatchObject({
      status: 409,
      detail: expect.stringContaining('Redrive it'),
    })
    expect((await desk.post(`/dead-letters/${id}/redrive`, why)).status).toBe(202)
  })

  test('is known by its own item: by the saga of an orchestrator, and by the id of its first place', async () => {
    const reply = JSON.stringify({
      orderId: 'o1',
      eventType: 'PaymentProcessSuccessfulEvent',
      data: { paymentId: 'p' },
    })
    const given = { topic: 'payments-events', partition: 2, offset: 7, key: 'o1', value: reply }
    const id = await addDeadLetter(given, { consumer: 'order-saga' })
    await saga('o1', { status: 'RUNNING', step: 'approve', doing: 'do', handled: ['payments-events-2@7'] })
    expect((await desk.post(`/dead-letters/${id}/discard`, why)).status).toBe(409)
  })

  test('is forgotten with the next commit; what never reached an aggregate was never handled', async () => {
    const [one, other] = [
      await addDeadLetter({ key: 'o1', value: command }),
      await addDeadLetter({ key: 'o2', offset: 1, value: 'not JSON' }),
    ]
    await order(['c-2'])
    for (const id of [one, other]) expect((await desk.post(`/dead-letters/${id}/discard`, why)).status).toBe(202)
  })
})

describe('the saga of a letter', () => {
  const pay = { commandID: 'c-1', orderId: 'o1', commandType: 'PaymentProcessCommand', data: {} }
  const shown = async (type: string, fields: object | undefined) => {
    const value = JSON.stringify({ ...pay, commandType: type })
    const id = await addDeadLetter({ key: 'o1', topic: 'payments-commands', value })
    if (fields) await saga('o1', fields)
    const { saga: seen, warning } = (await desk.get(`/dead-letters/${id}`)).body
    const { status, body: answered } = await desk.post(`/dead-letters/${id}/redrive`, why)
    if (status === 202) expect({ saga: answered.saga, warning: answered.warning }).toEqual({ saga: seen, warning })
    else expect({ status, detail: answered.detail }).toEqual({ status: 409, detail: expect.stringContaining(warning) })
    return { seen, warning, status }
  }

  test('is shown as it is now; nothing is said while it waits for just this', async () => {
    expect(await shown('PaymentProcessCommand', { status: 'RUNNING', step: 'pay', doing: 'do' })).toEqual({
      seen: { saga: 'order', id: 'o1', status: 'RUNNING', step: 'pay' },
      warning: undefined,
      status: 202,
    })
  })

  test.each([
    ['PaymentProcessCommand', { status: 'COMPLETED', step: 'approve', doing: 'do' }, 'has ended: it is COMPLETED', 409],
    ['PaymentProcessCommand', { status: 'ABORTED', step: 'pay', doing: 'abort' }, 'has ended: it is ABORTED', 409],
    [
      'PaymentProcessCommand',
      { status: 'RUNNING', step: 'approve', doing: 'do' },
      'has moved on: it is at the step approve',
      409,
    ],
    [
      'PaymentProcessCommand',
      { status: 'COMPENSATING', step: 'reserve', doing: 'undo' },
      'at the step reserve (undo)',
      409,
    ],
    ['PaymentProcessCommand', { status: 'STUCK', step: 'pay', doing: 'settle' }, 'at the step pay (settle)', 409],
    ['PaymentVoidCommand', { status: 'RUNNING', step: 'pay', doing: 'do' }, 'has moved on', 409],
    ['ProductReserveCommand', { status: 'COMPENSATING', step: 'reserve', doing: 'undo' }, 'has moved on', 409],
    ['OrderCreatedEvent', { status: 'RUNNING', step: 'reserve', doing: 'do' }, 'has begun already', 202],
    ['PaymentFailedEvent', { status: 'ABORTED', step: 'pay', doing: 'abort' }, 'has ended', 202],
    ['PaymentProcessCommand', undefined, 'there is no saga order for it', 202],
  ])('a %s for %o warns; a command that is not waited for is no more sent', async (type, fields, warning, status) => {
    const answered = await shown(type, fields)
    expect(answered.warning).toContain(warning)
    expect(answered.status).toBe(status)
    expect(desk.publisher.records()).toHaveLength(status === 202 ? 1 : 0)
  })

  test('a command that was redriven, and has led its saga on, is not sent once more', async () => {
    const value = JSON.stringify(pay)
    const id = await addDeadLetter({ key: 'o1', topic: 'payments-commands', value })
    await saga('o1', { status: 'RUNNING', step: 'pay', doing: 'do' })
    for (const _ of [1, 2]) expect((await desk.post(`/dead-letters/${id}/redrive`, why)).status).toBe(202)
    expect(desk.publisher.records()).toHaveLength(2)
    await saga('o1', { status: 'RUNNING', step: 'approve', doing: 'do' })
    expect((await desk.post(`/dead-letters/${id}/redrive`, why)).status).toBe(202)
    expect(desk.publisher.records()).toHaveLength(2)
  })

  test('a command that its consumer has handled goes back, whatever its saga waits for: it says what was lost', async () => {
    const value = JSON.stringify({ commandID: 'c-1', orderId: 'o1', commandType: 'OrderApprovedCommand', data: {} })
    const id = await addDeadLetter({ key: 'o1', value })
    await saga('o1', { status: 'COMPLETED', step: 'approve', doing: 'do' })
    expect((await desk.post(`/dead-letters/${id}/redrive`, why)).status).toBe(409)
    await desk.store.writeRows([
      {
        ref: { table: 'orders', key: { orderId: 'o1' } },
        item: { orderId: 'o1', status: 'APPROVED', handled: ['c-1'], version: 2 },
      },
    ])
    expect((await desk.post('/dead-letters/redrive', { ...why, all: true })).body).toMatchObject({
      redriven: 1,
      passedOver: [],
    })
  })

  test('an order’s first event without a saga, and what no saga speaks of, need no warning', async () => {
    expect(await shown('OrderCreatedEvent', undefined)).toEqual({ seen: undefined, warning: undefined, status: 202 })
  })

  test('what only an event store’s orchestrator keeps is no saga yet', async () => {
    const id = await addDeadLetter({ key: 'q1', value: '{"commandType":"X"}' })
    await desk.store.writeRows([
      {
        ref: { table: 'sagas', key: { sagaKey: 'quoting:q1' } },
        item: { sagaKey: 'quoting:q1', sequenceNumber: 1 },
      },
    ])
    expect((await desk.get(`/dead-letters/${id}`)).body).not.toHaveProperty('saga')
  })
})

describe('POST /dead-letters/redrive', () => {
  const many = (body: object) => desk.post('/dead-letters/redrive', { ...why, ...body })

  test('sends back what waits on a topic, oldest first, a page at a time, and says how many are left', async () => {
    for (const n of [4, 2, 0, 1, 3]) await addDeadLetter({ key: `k${n}`, offset: n }, { at: n })
    await addDeadLetter({ key: 'other', topic: 'orders-events' }, { at: 1 })
    await desk.clock.advance(10_000)
    const first = await many({ topic: 'orders-commands', limit: 2 })
    expect(first).toMatchObject({ status: 202, body: { redriven: 2, passed: 0, left: 3, warnings: [] } })
    const second = await many({ topic: 'orders-commands', limit: 2, cursor: first.body.cursor })
    const third = await many({ topic: 'orders-commands', limit: 2, cursor: second.body.cursor })
    expect(third.body).toEqual({ redriven: 1, passed: 0, left: 0, warnings: [], passedOver: [] })
    expect(desk.publisher.records().map(({ key }) => String(key))).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    expect(await keysOf('?status=WAITING')).toEqual(['other'])
    expect((await many({ topic: 'orders-commands' })).body).toMatchObject({ redriven: 0, left: 0 })
  })

  test('takes what is asked for: by reason, consumer and time', async () => {
    for (const n of [0, 1, 2, 3]) await addDeadLetter({ key: `k${n}`, offset: n }, { at: n * 10 })
    await addDeadLetter({ key: 'saga', offset: 9 }, { at: 15, consumer: 'order-saga' })
    await desk.clock.advance(100_000)
    expect((await many({ all: true, only: { reason: 'REFUSED' } })).body).toMatchObject({ redriven: 0, passed: 5 })
    const only = { from: '2026-11-21T12:00:10Z', to: '2026-11-21T14:00:20+02:00', consumer: 'order' }
    expect((await many({ all: true, only })).body).toMatchObject({ redriven: 2, passed: 1 })
    expect(await keysOf('?status=REDRIVEN')).toEqual(['k2', 'k1'])
  })

  test('never takes what came after it began, which may be its own failing again', async () => {
    for (const n of [0, 1]) await addDeadLetter({ key: `k${n}`, offset: n }, { at: n })
    await desk.clock.advance(5_000)
    const { cursor } = (await many({ all: true, limit: 1 })).body
    await desk.clock.advance(60_000)
    await addDeadLetter({ key: 'late', offset: 9 }, { at: 30 })
    expect((await many({ all: true, limit: 5, cursor })).body).toEqual({
      redriven: 1,
      passed: 0,
      left: 0,
      warnings: [],
      passedOver: [],
    })
    expect(await keysOf('?status=WAITING')).toEqual(['late'])
  })

  test('lists the sagas that have ended or moved on', async () => {
    const value = JSON.stringify({ eventID: 'e', orderId: 'o1', eventType: 'PaymentFailedEvent', data: {} })
    const id = await addDeadLetter({ key: 'o1', value })
    await saga('o1', { status: 'COMPLETED', step: 'approve', doing: 'do' })
    expect((await many({ all: true })).body.warnings).toEqual([
      {
        id,
        saga: { saga: 'order', id: 'o1', status: 'COMPLETED', step: 'approve' },
        warning: 'the saga order o1 has ended: it is COMPLETED',
      },
    ])
  })

  test('passes over the commands that their sagas do not wait for, a hundred among others, and names them', async () => {
    for (let n = 0; n < 60; n++) {
      const orderId = `o${n}`
      const value = JSON.stringify({ commandID: 'c', orderId, commandType: 'PaymentProcessCommand', data: {} })
      await addDeadLetter({ key: orderId, offset: n, topic: 'payments-commands', value }, { at: n })
      // Every second order has timed out, and waits for its void.
      await saga(orderId, { status: 'RUNNING', step: 'pay', doing: n % 2 === 0 ? 'do' : 'settle' })
    }
    await desk.clock.advance(100_000)
    const { body } = await many({ topic: 'payments-commands' })
    expect(body).toMatchObject({ redriven: 30, passed: 30, left: 0, warnings: [] })
    expect(body.passedOver).toHaveLength(30)
    expect(body.passedOver[0]).toEqual({
      id: expect.any(String),
      saga: { saga: 'order', id: 'o1', status: 'RUNNING', step: 'pay' },
      why: 'the saga order o1 has moved on: it is at the step pay (settle), and waits for no answer to PaymentProcessCommand',
    })
    expect(desk.publisher.records().map(({ key }) => Number(String(key).slice(1)) % 2)).toEqual(Array(30).fill(0))
    expect(await keysOf('?status=WAITING&limit=100')).toHaveLength(30)
  })

  test.each([
    ['topic', {}],
    ['topic', { topic: 'a', all: true }],
    ['limit', { all: true, limit: 101 }],
    ['only.from', { all: true, only: { from: 'yesterday' } }],
    ['only.from', { all: true, only: { from: '0000-01-01T00:00:00+23:59' } }],
    ['only.to', { all: true, only: { to: '9999-12-31T23:59:59-23:59' } }],
    ['cursor', { all: true, cursor: 'nonsense' }],
    ['topic', { topic: 'orders-comands' }],
    ['only.reason', { all: true, only: { reason: 'NOTJSON' } }],
    ['only.reason', { all: true, only: { reason: 'toString' } }],
  ])('names what is wrong: %s in %o', async (field, body) => {
    const answer = await many(body)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})
