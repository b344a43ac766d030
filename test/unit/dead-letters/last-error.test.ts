/** What Lambda gave up on says why, as far as its consumer has kept that. */
import { describe, expect, test } from 'vitest'
import { deadLetter } from '#engine/delivery/dead-letter.ts'
import { type Failure, FAILING_MS, nextEntry, rowOf } from '#engine/delivery/failure-entry.ts'
import { RetryableError } from '#engine/model/errors.ts'
import type { Store } from '#engine/model/ports.ts'
import { createIndexer } from '../../../lambdas/platform/dead-letters/indexer.ts'
import { kafkaEvent } from '../../../localstack/runtime/kafka/event.ts'
import { failureRecord } from '../../../localstack/runtime/kafka/failure-record.ts'
import { deadLetters, readBack, record, START } from '../../support/dead-letters.ts'

/** As Lambda writes it at `START`. */
function givenUp(offset: number, condition: 'RetryAttemptsExhausted' | 'MaximumRecordAgeExceeded', partition = 2) {
  const records = [
    {
      topic: 'payments-commands',
      partition,
      offset,
      timestamp: START,
      key: Buffer.from('o1'),
      value: Buffer.from('{}'),
      headers: [],
    },
  ]
  const document = failureRecord({
    records,
    why: { condition, attempts: 11, error: new Error('reported') },
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dev-payment:7',
    event: kafkaEvent(records, { sourceArn: 'arn:aws:kafka:eu-west-1:111122223333:cluster/c/1' }, ['b:9092']),
    now: START,
  })
  return record({ topic: 'payments-commands.dlq', offset, value: JSON.stringify(document) })
}

function desk() {
  const made = deadLetters()
  return {
    ...made,
    fails: ({ since = START - 1000, ...given }: Partial<Failure> = {}) =>
      made.store.writeRows([
        rowOf(
          nextEntry(
            undefined,
            {
              consumer: 'dev-payment',
              topic: 'payments-commands',
              partition: 2,
              offset: 41,
              error: new RetryableError('the provider is away', { code: 'PROVIDER_AWAY' }),
              since,
              ...given,
            },
            since,
          ),
        ),
      ]),
    errors: async () => {
      const { items } = (await made.get('/dead-letters')).body as { items: { error: string }[] }
      return items.map(({ error }) => error)
    },
  }
}
const UNKNOWN = (condition: string) => `Lambda gave up after 11 deliveries (${condition}): the function's log says why`

describe('a dead letter that Lambda wrote', () => {
  test.each(['RetryAttemptsExhausted', 'MaximumRecordAgeExceeded'] as const)(
    'of %s carries the last error of its consumer on its partition',
    async condition => {
      const { index, fails, errors } = desk()
      await fails()
      await index([givenUp(41, condition), givenUp(44, condition)])
      const known = `${UNKNOWN(condition)}; its last error, at offset 41: RetryableError PROVIDER_AWAY: the provider is away`
      expect(await errors()).toEqual([known, known])
    },
  )

  test.each([
    ['of a later record', { offset: 42 }],
    ['of another partition', { partition: 3 }],
    ['of another topic', { topic: 'orders-events' }],
    ['of another consumer', { consumer: 'dev-order' }],
    ['of long ago', { since: START - FAILING_MS }],
    ['of long after', { since: START + FAILING_MS }],
  ] satisfies [string, Partial<Failure>][])('says what it always said where the error is %s', async (_, other) => {
    const { index, fails, errors } = desk()
    await fails(other)
    await index([givenUp(41, 'RetryAttemptsExhausted')])
    expect(await errors()).toEqual([UNKNOWN('RetryAttemptsExhausted')])
  })

  test('is listed though the table of consumers is away, and the log says so', async () => {
    const { store, clock, log, errors } = desk()
    const read: Store['read'] = () => Promise.reject(new RetryableError('no table', { code: 'DYNAMODB_AWAY' }))
    await createIndexer({ store: { ...store, read }, clock, log }, [])([givenUp(41, 'RetryAttemptsExhausted')])
    expect(await errors()).toEqual([UNKNOWN('RetryAttemptsExhausted')])
    expect(log.lines.map(({ message }) => message)).toContain('dead-letter.error-not-known')
  })
})

test('a dead letter of ours needs no look at the consumers: it says itself why', async () => {
  const { store, clock, log, errors } = desk()
  const read: Store['read'] = () => Promise.reject(new Error('not asked for'))
  const about = { reason: 'NOT_JSON', error: 'the value is not JSON', consumer: 'dev-payment', attempts: 1 } as const
  await createIndexer({ store: { ...store, read }, clock, log }, [])([readBack(deadLetter(record(), about))])
  expect(await errors()).toEqual(['the value is not JSON'])
  expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([])
})
