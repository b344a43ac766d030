import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { KafkaAway, NotYet, withAdmin } from '../../../../localstack/runtime/kafka/admin.ts'

const { KafkaJSAggregateError, KafkaJSConnectionError, KafkaJSNonRetriableError, KafkaJSProtocolError } = kafkajs
const { KafkaJSNumberOfRetriesExceeded, KafkaJSRequestTimeoutError } = kafkajs

/** A protocol error as kafkajs makes it of the broker's answer. */
const answer = (type: string, retriable: boolean) =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, retriable }))
/** As kafkajs wraps what it has given up on. */
const wrapped = (cause: Error) => Object.assign(new KafkaJSNonRetriableError(cause.message), { cause })

/** A broker that fails as told, one error an attempt, and then answers. */
async function asking(errors: readonly Error[], withinMs = 20_000) {
  const left = [...errors]
  const told = { attempts: 0, disconnected: 0, outgoing: [] as string[] }
  const admin = () =>
    ({ connect: async () => {}, disconnect: async () => void (told.disconnected += 1) }) as unknown as Admin
  const result = await withAdmin(
    { admin } as unknown as Kafka,
    { what: 'create topics', say: line => told.outgoing.push(line), withinMs },
    async () => {
      told.attempts += 1
      const error = left.shift()
      if (error) throw error
      return 'done'
    },
  ).catch((error: unknown) => error)
  return { ...told, result }
}

describe('asking a broker', () => {
  it.each([
    [
      'what kafkajs stumbles over',
      new TypeError("Cannot destructure property 'topicMetadata' of '(intermediate value)'"),
    ],
    ['a connection that kafkajs lost while it used it', new Error('Broker not connected')],
    [
      'a request that timed out',
      wrapped(new KafkaJSRequestTimeoutError('Request Metadata(key: 3, version: 6) timed out')),
    ],
    ['a refused connection', wrapped(new KafkaJSConnectionError('connect ECONNREFUSED 127.0.0.1:19092'))],
    ['a broker that is not the controller yet', answer('NOT_CONTROLLER', true)],
    ['a leader that is not there yet', wrapped(answer('LEADER_NOT_AVAILABLE', true))],
    ['a coordinator that loads its groups', answer('GROUP_LOAD_IN_PROGRESS', true)],
    ['topics that another made meanwhile', new KafkaJSAggregateError('', [answer('TOPIC_ALREADY_EXISTS', false)])],
    ['what is not there yet', new NotYet('partitions without a leader')],
  ])('tries again after %s, on a new connection', async (_, error) => {
    expect(await asking([error])).toEqual({ result: 'done', attempts: 2, disconnected: 2, outgoing: [] })
  })

  it.each([
    ['a refusal of the broker', answer('TOPIC_AUTHORIZATION_FAILED', false)],
    ['a topic that is not there', wrapped(answer('UNKNOWN_TOPIC_OR_PARTITION', true))],
    ['one refusal among many topics', new KafkaJSAggregateError('', [answer('INVALID_CONFIG', false)])],
    ['a refusal of kafkajs itself', new KafkaJSNonRetriableError('Invalid topics array')],
  ])('throws %s at once, as it is', async (_, error) => {
    const { result, attempts, disconnected } = await asking([error])
    expect(result).toBe(error)
    expect([attempts, disconnected]).toEqual([1, 1])
  })

  it('says that it waits and for what, and in the end what is wrong and what to do', async () => {
    const away = wrapped(new KafkaJSConnectionError('connect ECONNREFUSED 127.0.0.1:19092'))
    const { result, outgoing, attempts } = await asking(
      Array.from({ length: 50 }, () => away),
      4000,
    )
    expect(attempts).toBeGreaterThan(2)
    expect(outgoing).toEqual([
      'Kafka does not answer yet to create topics (connect ECONNREFUSED 127.0.0.1:19092), trying again …',
    ])
    expect(result).toBeInstanceOf(KafkaAway)
    expect(result).toMatchObject({
      message:
        'Kafka did not answer within 4 s to create topics (connect ECONNREFUSED 127.0.0.1:19092): see that its broker runs, and that the machine has time for it, then start again',
      cause: away,
    })
  })

  it('knows an outage under whatever kafkajs wraps around it', async () => {
    const error = Object.assign(new KafkaJSNumberOfRetriesExceeded('x', { retryCount: 2, retryTime: 1 }), {
      cause: new KafkaJSConnectionError('Connection timeout'),
    })
    expect((await asking([error])).result).toBe('done')
  })
})
