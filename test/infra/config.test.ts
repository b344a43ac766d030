import type { Choice } from '#engine/catalog/choices.ts'
import { choices } from '../../lambdas/catalog.ts'
import { describe, expect, it } from 'vitest'
import { checkTopics, parseOverrides, parseSettings, settingsOf, stages } from '../../lib/config.ts'

const express = { kind: 'msk-express' }

describe("a stage's settings", () => {
  it.each(Object.keys(stages))('accepts what is written for %s', stage => {
    expect(settingsOf(stage).stage).toBe(stage)
  })

  it('fills in what is left out', () => {
    expect(parseSettings('dev', { kafka: express })).toMatchObject({
      kafka: { instanceType: 'express.m7g.large', brokers: 3 },
      topicPrefix: '',
      retention: { topicDays: 7, deadLetterDays: 30 },
      protectData: true,
      namePrefix: 'dev-',
    })
  })

  it('takes the ARN of a secret where it takes no secret', () => {
    const PROVIDER_TOKEN_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:provider-aBc123'
    expect(parseSettings('dev', { kafka: express, environment: { PROVIDER_TOKEN_ARN } }).environment).toMatchObject({
      PROVIDER_TOKEN_ARN,
    })
  })

  it('gives bare names on one machine', () => {
    expect(settingsOf('local').namePrefix).toBe('')
  })

  it('takes overrides in the place of what is written', () => {
    expect(settingsOf('local', { topicPrefix: 'ci-', partitions: 5 })).toMatchObject({
      topicPrefix: 'ci-',
      partitions: 5,
    })
  })

  it.each([
    ['kafka.kind', { kafka: { kind: 'msk-serverless' } }],
    ['kafka.brokers', { kafka: { kind: 'msk-standard', brokers: 4 } }],
    ['kafka.clusterArn', { kafka: { kind: 'msk-existing', clusterArn: 'my-cluster' } }],
    ['kafka.bootstrapServers', { kafka: { kind: 'self-managed', bootstrapServers: [], secretArn: 'x' } }],
    [
      'kafka.secretArn: the whole ARN',
      {
        kafka: {
          kind: 'self-managed',
          bootstrapServers: ['kafka.example.com:9093'],
          secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka',
        },
      },
    ],
    ['topicNames.quotes', { kafka: express, topicNames: { quotes: 'quote events' } }],
    ['topicNames.quotes: ends with .dlq', { kafka: express, topicNames: { quotes: 'quotes.dlq' } }],
    ['kafka.instanceType', { kafka: { kind: 'msk-express', instanceType: 'kafka.t3.small' } }],
    ['partitions', { kafka: express, partitions: 0 }],
    ['retries.orders-commands.attempts', { kafka: express, retries: { 'orders-commands': { attempts: 10_001 } } }],
    ['retries.orders-commands.ageSeconds', { kafka: express, retries: { 'orders-commands': { ageSeconds: 59 } } }],
    ['retention.logDays', { kafka: express, retention: { logDays: 31 } }],
    ['topicPrefix', { kafka: express, topicPrefix: 'a b' }],
    ['pollers.minimum', { kafka: express, pollers: { minimum: 3, maximum: 2 } }],
    ['quoting', { kafka: express, quoting: 'both' }],
    ['partition', { kafka: express, partition: 3 }],
    ['kafka.kind: one of msk-express, msk-standard, msk-existing, self-managed', { kafka: {} }],
    ['kafka.instanceType', { kafka: { kind: 'msk-standard', instanceType: 'kafka.m7g.3xlarge' } }],
    ['network.cidr: a private range', { kafka: express, network: { cidr: '8.8.0.0/16' } }],
    ['alarms.receivers.0: an e-mail address', { kafka: express, alarms: { receivers: ['nobody'] } }],
    ['concurrency.http', { kafka: express, concurrency: { http: 0 } }],
    ['users.secondFactor', { kafka: express, users: { secondFactor: 'sms' } }],
    ['api.requestsPerSecond', { kafka: express, api: { requestsPerSecond: 0 } }],
    ['environment.PROVIDER_TOKEN: a secret: keep it', { kafka: express, environment: { PROVIDER_TOKEN: 'sk_live_1' } }],
    [
      'environment.PROVIDER_URL: an address with',
      { kafka: express, environment: { PROVIDER_URL: 'https://a:b@c.com' } },
    ],
  ])('names %s when it is wrong', (setting, input) => {
    expect(() => parseSettings('dev', input)).toThrow(new RegExp(`stage "dev".*wrong:[\\s\\S]*${setting}`))
  })

  it('takes what the catalog lets it choose as a setting, and not as a variable', () => {
    for (const [setting, { variable, values }] of Object.entries<Choice>(choices)) {
      const input = { kafka: express, environment: { [variable]: values[0] } }
      expect(() => parseSettings('dev', input)).toThrow(`environment.${variable}: set \`${setting}\` instead`)
    }
  })

  it('names the stages that there are when asked for another', () => {
    expect(() => settingsOf('production')).toThrow(
      '"production" is not in lib/config.ts: it has local, localstack, dev, staging, prod',
    )
    expect(() => settingsOf('constructor')).toThrow('is not in lib/config.ts')
  })

  it('may be looked at with others from the command line, which are a JSON object', () => {
    expect(parseOverrides(undefined)).toEqual({})
    expect(settingsOf('prod', parseOverrides('{"partitions":24}')).partitions).toBe(24)
    expect(() => settingsOf('prod', parseOverrides('{"partitons":24}'))).toThrow('Unrecognized key: "partitons"')
    for (const text of ['[]', 'partitions=24', 'null'])
      expect(() => parseOverrides(text)).toThrow('takes a JSON object')
  })

  it('refuses retries of a topic that there is not, and names those that there are', () => {
    const settings = parseSettings('dev', { kafka: express, retries: { 'parcel-commands': { attempts: 3 } } })
    expect(() => checkTopics(settings, ['parcels-commands'])).toThrow(
      'retries.parcel-commands: there is no such topic; there are parcels-commands',
    )
    expect(() => checkTopics(settings, ['parcel-commands'])).not.toThrow()
  })

  it('refuses a stage that can be no part of a name', () => {
    expect(() => parseSettings('Prod_1', { kafka: express })).toThrow('lower-case letters')
  })
})
