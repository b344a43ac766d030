import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { stages } from '../../lib/config.ts'
import { allowed, readable } from './fixtures/readable.ts'
import { describeStage } from './fixtures/synthesized.ts'
import { wiring } from './fixtures/wiring.ts'
import { catalogOf } from '../example/kiosk.ts'

const secretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-aBc123'
const rootCertificateSecretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:kafka-root-dEf456'
const hubs = {
  kind: 'self-managed' as const,
  bootstrapServers: ['ns-1.servicebus.windows.net:9093', 'ns-2.servicebus.windows.net:9093'],
  secretArn,
}
const stage = describeStage({ settings: { kafka: hubs } })
const services = readable(stage.template('services').toJSON())
const behindOwnAuthority = readable(
  describeStage({ settings: { kafka: { ...hubs, rootCertificateSecretArn } } })
    .template('services')
    .toJSON(),
)
const environmentOf = (resources: typeof services, fn: string) =>
  (resources[`${fn}Function`]?.properties['Environment'] as { Variables: Record<string, string> } | undefined)
    ?.Variables ?? {}
const mappingsOf = (resources: typeof services) =>
  Object.values(resources)
    .filter(({ type, properties }) => type === 'AWS::Lambda::EventSourceMapping' && properties['Topics'])
    .map(({ properties }) => properties)
const mayReadSecrets = (resources: typeof services, fn: string) =>
  allowed(resources, `${fn}Role`).filter(line => line.includes('secretsmanager'))

describe('a Kafka that another runs', () => {
  it('makes no cluster, no topics and no network', () => {
    expect(stage.app.node.children.map(({ node }) => node.id)).toEqual([
      'recourse-dev-foundation',
      'recourse-dev-data',
      'recourse-dev-services',
      'recourse-dev-api',
      'recourse-dev-observability',
    ])
    expect(Object.values(services).filter(({ type }) => /^AWS::(MSK|EC2)::/.test(type))).toEqual([])
  })

  it('is read by self-managed event sources, with the secret', () => {
    for (const mapping of mappingsOf(services)) {
      expect(mapping).toMatchObject({
        SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: hubs.bootstrapServers } },
        SourceAccessConfigurations: [{ Type: 'BASIC_AUTH', URI: secretArn }],
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: expect.stringMatching(/^dev-\w+\.\w+$/) as string },
        MaximumRetryAttempts: 10_000,
        MaximumRecordAgeInSeconds: 604_800,
        ProvisionedPollerConfig: { PollerGroupName: 'recourse-dev' },
      })
      expect(mapping).not.toHaveProperty('EventSourceArn')
      expect(mapping).not.toHaveProperty('AmazonManagedKafkaEventSourceConfig')
    }
    expect(mappingsOf(services)).toHaveLength(wiring.functions.flatMap(({ sources }) => sources).length)
  })

  it('is found by the functions that publish, which are told where the password is and never what it is', () => {
    for (const fn of ['parcel', 'courier', 'relay', 'sweeper'])
      expect(environmentOf(services, fn)).toMatchObject({
        KAFKA_AUTH: 'plain',
        KAFKA_BROKERS: hubs.bootstrapServers.join(','),
        KAFKA_SECRET_ARN: secretArn,
      })
    expect(environmentOf(services, 'relay')).not.toHaveProperty('KAFKA_CA_SECRET_ARN')
    expect(environmentOf(services, 'parcelapi')).not.toHaveProperty('KAFKA_SECRET_ARN')
  })

  it('lets a function that talks to Kafka read that secret alone, and nobody else any', () => {
    for (const fn of ['parcel', 'courier', 'relay', 'sweeper'])
      expect(mayReadSecrets(services, fn)).toEqual([`secretsmanager:GetSecretValue on ${secretArn}`])
    expect(mayReadSecrets(services, 'parcelapi')).toEqual([])
    expect(allowed(services, 'parcelRole').filter(line => line.includes('kafka-cluster'))).toEqual([])
  })

  it('may have a certificate of an authority of its own, for event sources and functions alike', () => {
    for (const mapping of mappingsOf(behindOwnAuthority))
      expect(mapping['SourceAccessConfigurations']).toEqual([
        { Type: 'BASIC_AUTH', URI: secretArn },
        { Type: 'SERVER_ROOT_CA_CERTIFICATE', URI: rootCertificateSecretArn },
      ])
    expect(environmentOf(behindOwnAuthority, 'relay')['KAFKA_CA_SECRET_ARN']).toBe(rootCertificateSecretArn)
    expect(mayReadSecrets(behindOwnAuthority, 'relay')).toEqual([
      `secretsmanager:GetSecretValue on ${secretArn}`,
      `secretsmanager:GetSecretValue on ${rootCertificateSecretArn}`,
    ])
  })
})

describe('topics by other names', () => {
  const environment = { PRINTER_URL: 'https://printers.example.com' }
  const settings = { ...stages['dev'], kafka: hubs, topicPrefix: 'ci-', environment }
  const named = readCatalog(catalogOf(), { 'tickets-events': 'ticket-hub' })
  const resources = readable(describeStage({ settings, wiring: named }).template('services').toJSON())

  it('are read under their names, with the prefix before them and their dead letters behind', () => {
    expect(mappingsOf(resources)).toContainEqual(
      expect.objectContaining({
        Topics: ['ci-ticket-hub'],
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'ci-dev-ticket-saga.ticket-hub' },
        DestinationConfig: { OnFailure: { Destination: 'kafka://ci-ticket-hub.dlq' } },
      }),
    )
  })

  it('are all that functions know', () => {
    const ticket = environmentOf(resources, 'ticket')
    expect(ticket['TOPIC_PREFIX']).toBe('ci-')
    expect(JSON.parse(ticket['PUBLISHES'] ?? '')).toEqual({ 'ticket.event': 'ticket-hub' })
    expect(Object.keys(JSON.parse(environmentOf(resources, 'ticketsaga')['CONSUMES'] ?? '') as object)).toContain(
      'ticket-hub',
    )
    expect(JSON.stringify(resources)).not.toContain('tickets-events')
  })

  it('are what IAM grants on a cluster of ours, and what is made there', () => {
    const msk = describeStage({ settings: { ...settings, kafka: { kind: 'msk-express' } }, wiring: named })
    const made = readable(msk.template('streaming').toJSON())
    const names = Object.values(made).flatMap(({ properties }) => properties['TopicName'] ?? [])
    expect(names).toEqual(expect.arrayContaining(['ci-ticket-hub', 'ci-ticket-hub.dlq']))
    expect(allowed(readable(msk.template('services').toJSON()), 'ticketRole').join()).toContain('/ci-ticket-hub,')
  })
})
