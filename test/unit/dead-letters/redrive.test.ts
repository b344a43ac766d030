import { describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { RetryableError } from '#engine/model/errors.ts'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { lettersOfSaga } from '../../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { asItWas } from '../../../lambdas/platform/dead-letters/redriver.ts'
import { deadLetters, readBack, record, START } from '../../support/dead-letters.ts'

const about = { reason: 'INVALID', error: 'data.total: is missing', consumer: 'order', attempts: 1 } as const
const dead = (of: IncomingRecord) => readBack(deadLetter(of, about))
const idOf = async ({ get }: ReturnType<typeof deadLetters>) => (await get('/dead-letters')).body.items[0].id as string

describe('indexing', () => {
  test('is once a letter, however often it is read, and forgets no decision', async () => {
    const desk = deadLetters()
    const letter = dead(record({ headers: { ce_id: 'm-1' } }))
    await desk.index([letter, letter])
    const id = await idOf(desk)
    await desk.post(`/dead-letters/${id}/discard`, { reason: 'no' })
    await desk.index([letter])
    expect((await desk.get('/dead-letters')).body.items).toMatchObject([{ id, status: 'DISCARDED' }])
  })

  test('keeps the record of 900 KB whole, and the letter small', async () => {
    const desk = deadLetters()
    const bytes = Buffer.alloc(900 * 1024, 'äx')
    await desk.index([dead(record({ value: bytes }))])
    const id = await idOf(desk)
    const item = desk.store.items('dead-letters').find(item => item['id'] === id)
    expect(JSON.stringify(item).length).toBeLessThan(1000)
    expect(Buffer.from((await desk.get(`/dead-letters/${id}`)).body.value as string)).toEqual(bytes)
    await desk.post(`/dead-letters/${id}/redrive`, { reason: 'yes' })
    expect(Buffer.from(desk.publisher.records('orders-commands')[0]?.value ?? '')).toEqual(bytes)
  })

  test('cuts no character in half, and takes headers of any name', async () => {
    const desk = deadLetters()
    const long = `${'x'.repeat(255)}😀`
    const own = record({
      key: long,
      value: `{"orderId":"${long}","commandType":"\\ud83d"}`,
      headers: { '\u00fc😀': 'ü' },
    })
    await desk.index([dead(own)])
    const item = desk.store.items('dead-letters').find(({ key }) => key !== undefined)
    for (const field of ['key', 'sagaId', 'type']) expect(String(item?.[field]).isWellFormed(), field).toBe(true)
    const { headers, value } = (await desk.get(`/dead-letters/${await idOf(desk)}`)).body
    expect({ headers, value }).toEqual({ headers: { '\u00fc😀': 'ü' }, value: String(own.value) })
  })

  test('ends after thirty days, counted from when it came; a time that can’t be is now', async () => {
    const desk = deadLetters()
    const days = 24 * 60 * 60
    await desk.index([readBack(deadLetter(record(), about), 0, START - 5 * days * 1000)])
    await desk.index([readBack(deadLetter(record({ offset: 1 }), about), 1, -1)])
    const expiry = desk.store.items('dead-letters').map(item => Number(item['expiresAt']) - START / 1000)
    expect(new Set(expiry)).toEqual(new Set([25 * days, 30 * days]))
    // Its bytes as long as the letter.
    expect(expiry).toHaveLength(4)
  })
})

test('a saga’s letters are found by its id, which a header, the body or the key says', async () => {
  const desk = deadLetters()
  await desk.index([
    readBack(deadLetter(record({ key: 'o1', value: 'not JSON' }), about), 0, START - 3000),
    readBack(deadLetter(record({ offset: 1, key: null, value: '{"orderId":"o1"}' }), about), 1, START - 2000),
    readBack(deadLetter(record({ offset: 2, key: 'k', headers: { sagaid: 'o1' } }), about), 2, START - 1000),
    readBack(deadLetter(record({ offset: 3, key: 'o2', value: '{"data":{"quoteID":"o2"}}' }), about), 3, START),
    readBack(deadLetter(record({ offset: 4, key: null }), about), 4, START),
  ])
  const all = (await desk.get('/dead-letters')).body.items as { id: string; at: string }[]
  const [, , ...expected] = all.map(({ id }) => id)
  expect(await lettersOfSaga(desk.store, 'o1')).toEqual(expected)
  expect(await lettersOfSaga(desk.store, 'o2')).toHaveLength(1)
})

describe('a redriven record', () => {
  test('goes back to its topic with its own key, value, headers and id', () => {
    const own = record({ value: '{"commandID":"c-1"}', headers: { ce_id: 'm-1', 'x-mine': 'kept' } })
    expect(readBack(asItWas(own))).toEqual(own)
    expect(own.headers.map(({ name }) => name)).toEqual(['ce_id', 'x-mine'])
  })

  test.each([
    ['commandID', { value: '{"commandID":"c-1","commandType":"A"}' }],
    ['eventID', { value: '{"eventID":"e-1","eventType":"A"}' }],
    ['ce_id, however it is written', { headers: { CE_ID: 'm-1' } }],
  ])('that has an id in %s is not changed', (_, given) => {
    const own = record({ ...given, headers: { ...('headers' in given && given.headers), 'x-mine': 'kept' } })
    expect(readBack(asItWas(own))).toEqual(own)
  })

  test.each([['{"commandID":""}'], ['not JSON'], ['[]'], [null]])(
    'that had none (%s) gets the one of its first place',
    value => {
      expect(asItWas(record({ partition: 2, offset: 17, value })).headers).toEqual({
        ce_id: 'orders-commands-2@17',
      })
    },
  )

  test('that fails again is another letter, under the same message id', async () => {
    const desk = deadLetters()
    await desk.index([dead(record({ offset: 5, value: 'broken' }))])
    const first = await idOf(desk)
    await desk.clock.advance(1000)
    await desk.post(`/dead-letters/${first}/redrive`, { reason: 'again' })
    const [back] = desk.publisher.records('orders-commands')
    if (!back) throw new Error('it was not sent back')
    await desk.index([readBack(deadLetter(readBack(back, 99), about), 1, desk.clock.now())])
    const second = await idOf(desk)
    expect(second).not.toBe(first)
    for (const id of [first, second])
      expect((await desk.get(`/dead-letters/${id}`)).body.messageId).toBe('orders-commands-0@5')
  })
})

describe('the redriver', () => {
  test('lets the feed come again when Kafka is away', async () => {
    const away = new RetryableError('away', { code: 'KAFKA_CONNECTION' })
    const publisher = { ...memoryPublisher(), publish: () => Promise.reject(away) }
    const desk = deadLetters()
    await desk.index([dead(record())])
    await desk.post(`/dead-letters/${await idOf(desk)}/redrive`, { reason: 'yes' })
    const other = deadLetters({ publisher })
    await other.index([dead(record())])
    await expect(other.redrive(desk.fed)).rejects.toBe(away)
  })

  test('puts back what Kafka will never take, says why, and goes on with the rest', async () => {
    const memory = memoryPublisher()
    const tooLarge = new RetryableError('The request included a message larger than the max', {
      code: 'KAFKA_MESSAGE_TOO_LARGE',
    })
    const publisher: typeof memory = {
      ...memory,
      publish: records =>
        records.some(({ value }) => String(value) === 'large') ? Promise.reject(tooLarge) : memory.publish(records),
    }
    const desk = deadLetters({ publisher })
    await desk.index([dead(record({ value: 'large' })), dead(record({ offset: 1, value: 'small' }))])
    await desk.post('/dead-letters/redrive', { all: true, reason: 'yes' })
    expect(memory.records().map(({ value }) => String(value))).toEqual(['small'])
    const { items } = (await desk.get('/dead-letters?status=WAITING')).body as { items: { id: string }[] }
    expect(items).toHaveLength(1)
    expect((await desk.get(`/dead-letters/${items[0]?.id}`)).body.decisions).toMatchObject([
      { status: 'REDRIVEN', by: 'olga' },
      { status: 'WAITING', by: 'recourse', reason: tooLarge.message },
    ])
    // The change feed must not publish it, or it would go round.
    expect(
      desk.store.items('dead-letters').filter(({ publishByChangeFeed }) => publishByChangeFeed === true),
    ).toHaveLength(1)
  })

  test('leaves alone what has expired meanwhile', async () => {
    const desk = deadLetters()
    await desk.redrive([
      { id: 'gone', topic: 'orders-commands', parts: 1, status: 'REDRIVEN', publishByChangeFeed: true, version: 2 },
    ])
    expect(desk.publisher.records()).toEqual([])
    expect(desk.log.lines.map(({ message }) => message)).toContain('dead-letter.expired')
  })
})
