import { describe, expect, it } from 'vitest'
import { parseSettings, settingsOf, stages } from '../../lib/config.ts'

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
    ['retention.logDays', { kafka: express, retention: { logDays: 31 } }],
    ['topicPrefix', { kafka: express, topicPrefix: 'a b' }],
    ['pollers.minimum', { kafka: express, pollers: { minimum: 3, maximum: 2 } }],
    ['quoting', { kafka: express, quoting: 'both' }],
    ['partition', { kafka: express, partition: 3 }],
  ])('names %s when it is wrong', (setting, input) => {
    expect(() => parseSettings('dev', input)).toThrow(new RegExp(`stage "dev".*wrong:[\\s\\S]*${setting}`))
  })

  it('names the stages that there are when asked for another', () => {
    expect(() => settingsOf('production')).toThrow('"production" is not in lib/config.ts: it has local, dev, prod')
    expect(() => settingsOf('constructor')).toThrow('is not in lib/config.ts')
  })

  it('refuses a stage that can be no part of a name', () => {
    expect(() => parseSettings('Prod_1', { kafka: express })).toThrow('lower-case letters')
  })
})
