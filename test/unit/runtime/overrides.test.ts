import { describe, expect, it } from 'vitest'
import { overrides } from '../../../localstack/runtime/overrides.ts'

const addresses = {
  brokers: ['127.0.0.1:1', '127.0.0.1:2'],
  dynamodbEndpoint: 'http://127.0.0.1:3',
  providerUrl: 'http://127.0.0.1:4',
}
const template = {
  TABLE_PAYMENTS: 'payments',
  TOPIC_PREFIX: 'ci-',
  KAFKA_BROKERS: 'the-broker-of-this-machine',
  KAFKA_AUTH: 'iam',
  PAYMENT_PROVIDER_URL: 'https://payments.example.com',
}

describe("what differs from a deployed function's environment", () => {
  it('is exactly this list', () => {
    expect(overrides(template, addresses)).toEqual({
      KAFKA_BROKERS: '127.0.0.1:1,127.0.0.1:2',
      KAFKA_AUTH: 'none',
      PAYMENT_PROVIDER_URL: 'http://127.0.0.1:4',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:3',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    })
  })

  it('gives a function no setting that its template does not have', () => {
    expect(Object.keys(overrides({ TABLE_ORDERS: 'orders' }, addresses))).toEqual([
      'AWS_ENDPOINT_URL_DYNAMODB',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ])
  })
})
