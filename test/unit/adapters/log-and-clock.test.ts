import { describe, expect, it } from 'vitest'
import { memoryClock } from '#shared/adapters/memory/clock.ts'
import { jsonLog } from '#shared/adapters/node/log.ts'
import { RetryableError } from '#shared/errors.ts'

const written = () => {
  const lines: unknown[] = []
  const log = jsonLog({ service: 'order', now: () => 0, write: line => lines.push(JSON.parse(line)) })
  return { log, lines }
}

describe('the log in JSON', () => {
  it('is one line a message, errors with their causes', () => {
    const { log, lines } = written()
    const error = new RetryableError('away', { code: 'KAFKA_CONNECTION', cause: new Error('ECONNREFUSED') })
    log.warn('delivered again', { sagaId: 'o1', error })
    expect(lines).toMatchObject([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        service: 'order',
        message: 'delivered again',
        sagaId: 'o1',
        error: {
          name: 'RetryableError',
          message: 'away',
          code: 'KAFKA_CONNECTION',
          cause: { message: 'ECONNREFUSED' },
        },
      },
    ])
  })

  it('leaves out what looks like a secret, and what a cause holds beside its own words', () => {
    const { log, lines } = written()
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
    const error = new Error(`no tok_visa_1 by Bearer abc.def, ${jwt}, 4929 1234 1234 1234`)
    error.stack = error.message
    error.cause = { Code: 'ValidationError', Message: 'not valid', Item: { name: 'Carol' } }
    log.error('a decision threw', { error, paymentMethod: 'visa', at: 1_763_726_400_000, messageId: 'o1.1.0' })
    const message = 'no [left out] by [left out], [left out], [left out]'
    expect(lines).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'error',
        service: 'order',
        message: 'a decision threw',
        error: {
          name: 'Error',
          message,
          stack: message,
          cause: { Code: 'ValidationError', Message: 'not valid' },
        },
        paymentMethod: '[left out]',
        at: 1_763_726_400_000,
        messageId: 'o1.1.0',
      },
    ])
  })

  it('counts in the embedded metric format', () => {
    const { log, lines } = written()
    log.count('deadLetters', 2, { reason: 'NOT_JSON' })
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 0,
          CloudWatchMetrics: [
            {
              Namespace: 'Recourse',
              Dimensions: [['service', 'reason']],
              Metrics: [{ Name: 'deadLetters', Unit: 'Count' }],
            },
          ],
        },
        service: 'order',
        reason: 'NOT_JSON',
        deadLetters: 2,
      },
    ])
  })
})

describe('the clock in memory', () => {
  it('stands still until it is moved, and wakes sleepers in order, each at its time', async () => {
    const clock = memoryClock(1000)
    const woken: string[] = []
    const sleeper = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woken.push(`${name} ${clock.now()}`)
    }
    const all = [sleeper('late', 30), sleeper('early', 10), sleeper('twice', 5).then(() => sleeper('again', 10))]
    expect(clock.nextWake()).toBe(1005)
    await clock.advance(20)
    expect(woken).toEqual(['twice 1005', 'early 1010', 'again 1015'])
    expect(clock.now()).toBe(1020)
    await clock.advance(10)
    await Promise.all(all)
    expect(woken.at(-1)).toBe('late 1030')
    expect(clock.nextWake()).toBeUndefined()
  })
})
