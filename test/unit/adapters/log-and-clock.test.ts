import { describe, expect, it } from 'vitest'
import { memoryClock } from '#engine/adapters/memory/clock.ts'
import { jsonLog } from '#engine/adapters/node/log.ts'
import { RetryableError } from '#engine/model/errors.ts'

const written = () => {
  const lines: unknown[] = []
  const log = jsonLog({ service: 'order', now: () => 0, write: line => lines.push(JSON.parse(line)) })
  return { log, lines }
}

describe('the log in JSON', () => {
  it('is one line a message, errors with their causes', () => {
    const { log, lines } = written()
    const error = new RetryableError('away', { code: 'KAFKA_CONNECTION', cause: new Error('ECONNREFUSED') })
    log.warn('message.retry', { sagaId: 'o1', error })
    expect(lines).toMatchObject([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        service: 'order',
        message: 'message.retry',
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
    log.error('message.rules-threw', { error, paymentMethod: 'visa', at: 1_763_726_400_000, messageId: 'o1.1.0' })
    const message = 'no [left out] by [left out], [left out], [left out]'
    expect(lines).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'error',
        service: 'order',
        message: 'message.rules-threw',
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
              Dimensions: [['service'], ['service', 'reason']],
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

describe('measures', () => {
  const order = { saga: 'order' }
  const step = (value: number) => ({
    name: 'stepLatency',
    value,
    unit: 'Milliseconds' as const,
    dimensions: { saga: 'order', step: 'pay' },
  })

  it('are a line for each set of dimensions: counts add up, latencies are told one by one', () => {
    const { log, lines } = written()
    const started = { name: 'sagasStarted', value: 1, unit: 'Count' as const, dimensions: order }
    const time = { name: 'timeToTerminal', value: 120, unit: 'Milliseconds' as const, dimensions: order }
    log.measure([started, step(5), time, started, step(7)])
    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 0,
          CloudWatchMetrics: [
            {
              Namespace: 'Recourse',
              Dimensions: [['service', 'saga']],
              Metrics: [
                { Name: 'sagasStarted', Unit: 'Count' },
                { Name: 'timeToTerminal', Unit: 'Milliseconds' },
              ],
            },
          ],
        },
        service: 'order',
        saga: 'order',
        sagasStarted: 2,
        timeToTerminal: 120,
      },
      expect.objectContaining({ saga: 'order', step: 'pay', stepLatency: [5, 7] }),
    ])
  })

  it('are at most a hundred values a line, as the format has it', () => {
    const { log, lines } = written()
    log.measure(Array.from({ length: 150 }, (_, i) => step(i)))
    expect(lines.map(line => (line as { stepLatency: number[] }).stepLatency.length)).toEqual([100, 50])
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
