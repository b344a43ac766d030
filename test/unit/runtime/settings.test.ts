import { describe, expect, it } from 'vitest'
import { byDefault } from '#engine/catalog/choices.ts'
import { choices } from '../../../lambdas/catalog.ts'
import { readSettings } from '../../../localstack/runtime/settings.ts'

describe('the variables of npm start', () => {
  it('have the defaults of the manual; an empty one counts as not set', () => {
    const defaults = {
      port: 3000,
      kafkaPort: 19_092,
      dynamodbPort: 18_000,
      ...byDefault(choices),
      stateDir: undefined,
      topicPrefix: '',
      kafkaBrokers: undefined,
      dynamodbEndpoint: undefined,
      sweepSeconds: 5,
    }
    expect(readSettings({})).toEqual(defaults)
    expect(readSettings({ PORT: '', TOPIC_PREFIX: '', KAFKA_BROKERS: '', STATE_DIR: '' })).toEqual(defaults)
  })

  it('are taken as given', () => {
    expect(
      readSettings({
        PORT: '4000',
        STATE_DIR: '/data',
        TOPIC_PREFIX: 'ci-',
        KAFKA_BROKERS: 'a:9092, b:9092',
        SWEEP_SECONDS: '0.5',
      }),
    ).toMatchObject({
      port: 4000,
      stateDir: '/data',
      topicPrefix: 'ci-',
      kafkaBrokers: 'a:9092, b:9092',
      sweepSeconds: 0.5,
    })
  })

  it.each([
    ['PORT', 'abc'],
    ['PORT', '0'],
    ['PORT', '3000.5'],
    ['KAFKA_PORT', '70000'],
    ['DYNAMODB_PORT', '-1'],
    ['TOPIC_PREFIX', 'a b'],
    ['KAFKA_BROKERS', 'localhost'],
    ['DYNAMODB_ENDPOINT', 'localhost:4566'],
    ['SWEEP_SECONDS', '0'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(new RegExp(`^${name} is .*, not "${value}"$`))
  })

  it('may not share a port', () => {
    expect(() => readSettings({ PORT: '18000' })).toThrow('DYNAMODB_PORT and PORT are both 18000')
    expect(readSettings({ PORT: '19092', KAFKA_BROKERS: 'a:1' }).port).toBe(19_092)
    expect(readSettings({ PORT: '18000', DYNAMODB_ENDPOINT: 'http://127.0.0.1:4566' }).port).toBe(18_000)
  })
})
