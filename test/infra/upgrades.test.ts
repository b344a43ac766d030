import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff'
import type { Catalog, Domain } from '#engine/catalog/catalog.ts'
import { readCatalog, type Wiring } from '#engine/catalog/wiring.ts'
import { versionsOf } from '#engine/catalog/wiring-members.ts'
import { describe, expect, it } from 'vitest'
import { catalogFor } from '../../lambdas/catalog.ts'
import type { SettingsInput } from '../../lib/config.ts'
import { findStatefulProblems } from '../../scripts/stateful/lock-file.ts'
import { statefulIn } from '../../scripts/stateful/resources.ts'
import { templatesOf } from '../../scripts/stateful/templates.ts'
import { Handed, kiosk, Sold, ticketService } from '../example/kiosk.ts'

const base = catalogFor({ quoting: 'orchestration' })
const provider = { PAYMENT_PROVIDER_URL: 'https://payments.example.com', PREMIUM_MAX: '10000' }
/** Present from the beginning, so that only the catalog differs. */
const environment = { ...provider, PRINTER_URL: 'https://printers.example.com' }
const running = templatesOf('prod', { environment })

/** What a deployment of a changed system does to a running one: `+ AWS::MSK::Topic` and the like, each once. */
function upgrade(catalog: Catalog, overrides: Partial<SettingsInput> = {}) {
  const wired = (): Wiring => readCatalog(catalog)
  const next = templatesOf('prod', { environment, ...overrides }, wired)
  const changes = Object.entries(next).flatMap(([stack, template]) => {
    const { resources } = fullDiff(running[stack] ?? {}, template)
    return Object.entries(resources.changes).map(([id, change]) => ({
      id: `${stack}/${id}`,
      type: change.resourceType,
      impact: change.changeImpact,
      properties: Object.keys(change.propertyUpdates),
    }))
  })
  const lost = findStatefulProblems({ prod: statefulIn(running) }, { prod: statefulIn(next) }).filter(
    problem => !problem.includes('is not in stateful.lock.json'),
  )
  return { changes, lost }
}

/** Others than those that make way for a new one of themselves: a deployment of the API, once for each change of it. */
const replacedOrGone = (changes: ReturnType<typeof upgrade>['changes']) =>
  changes.filter(
    ({ type, impact }) =>
      type !== 'AWS::ApiGateway::Deployment' &&
      impact !== ResourceImpact.WILL_CREATE &&
      impact !== ResourceImpact.WILL_UPDATE &&
      impact !== ResourceImpact.NO_CHANGE,
  )
const created = (changes: ReturnType<typeof upgrade>['changes'], type: string) =>
  changes.filter(change => change.type === type && change.impact === ResourceImpact.WILL_CREATE).map(({ id }) => id)
const updated = (changes: ReturnType<typeof upgrade>['changes']) =>
  [
    ...new Set(
      changes
        .filter(({ impact }) => impact === ResourceImpact.WILL_UPDATE)
        .map(one => `${one.type} ${one.properties.join()}`),
    ),
  ].toSorted()

const withDomain = (domain: Domain): Catalog => ({ ...base, domains: [...base.domains, domain] })

describe('an upgrade of a running stage', () => {
  it('that changes nothing changes nothing', () => {
    expect(upgrade(base).changes).toEqual([])
  })

  it('by a service with its tables, topics and saga adds them, and replaces nothing', () => {
    const { changes, lost } = upgrade(withDomain(kiosk))
    expect(lost).toEqual([])
    expect(replacedOrGone(changes)).toEqual([])
    expect(created(changes, 'AWS::MSK::Topic')).toHaveLength(8)
    expect(created(changes, 'AWS::DynamoDB::Table')).toHaveLength(4)
    expect(created(changes, 'AWS::Lambda::Function').length).toBeGreaterThanOrEqual(4)
    // The new topics' dead letters are read, and may be written to, by who looks after them all.
    expect(updated(changes).join('\n')).toContain('AWS::IAM::Policy PolicyDocument')
    expect(
      changes.filter(
        ({ type, impact }) => type === 'AWS::Lambda::EventSourceMapping' && impact !== ResourceImpact.WILL_CREATE,
      ),
    ).toEqual([])
  })

  it('by a topic adds it with its dead letters, and their reader', () => {
    const { name, topicOf } = kiosk
    const { changes, lost } = upgrade(
      withDomain({ name, topicOf, services: [ticketService], sagas: [], ends: [Sold, Handed] }),
    )
    expect(lost).toEqual([])
    expect(replacedOrGone(changes)).toEqual([])
    expect(created(changes, 'AWS::MSK::Topic').map(id => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([
      'recourse-prod-streaming/Topicsticketscommands',
      'recourse-prod-streaming/Topicsticketscommandsdlq',
      'recourse-prod-streaming/Topicsticketsevents',
      'recourse-prod-streaming/Topicsticketseventsdlq',
    ])
    expect(
      created(changes, 'AWS::Lambda::EventSourceMapping').filter(id => id.includes('deadlettersticketsevents')),
    ).toHaveLength(1)
  })

  it('by a version of a saga changes its code alone', () => {
    const withNext = (domain: Domain): Domain => ({
      ...domain,
      sagas: versionsOf(domain.sagas).flatMap(([latest, ...older]) => [
        { ...latest, version: latest.version + 1 },
        latest,
        ...older,
      ]),
    })
    expect(upgrade({ ...base, domains: base.domains.map(withNext) }).changes).toEqual([])
  })

  it('by partitions updates every topic in place, and lets consumers run as many at once', () => {
    const { changes, lost } = upgrade(base, { partitions: 24 })
    expect(lost).toEqual([])
    expect(replacedOrGone(changes)).toEqual([])
    expect(updated(changes)).toEqual([
      'AWS::Lambda::Function ReservedConcurrentExecutions',
      'AWS::MSK::Topic PartitionCount',
    ])
    expect(changes.filter(({ type }) => type === 'AWS::MSK::Topic')).toHaveLength(2 * readCatalog(base).topics.length)
  })

  it.each<[string, Partial<SettingsInput>, string[]]>([
    [
      'retention',
      { retention: { logDays: 90, topicDays: 14 } },
      ['AWS::Lambda::EventSourceMapping MaximumRecordAgeInSeconds', 'AWS::MSK::Topic Configs'],
    ],
    ['brokers', { kafka: { kind: 'msk-express', brokers: 6 } }, ['AWS::MSK::Cluster NumberOfBrokerNodes']],
    ['memory', { memoryMegabytes: 1024 }, ['AWS::Lambda::Function MemorySize']],
    ['pollers', { pollers: { minimum: 2, maximum: 12 } }, ['AWS::Lambda::EventSourceMapping ProvisionedPollerConfig']],
  ])('by more %s updates in place', (_, overrides, what) => {
    const { changes, lost } = upgrade(base, overrides)
    expect(lost).toEqual([])
    expect(replacedOrGone(changes)).toEqual([])
    expect(updated(changes)).toEqual(what)
  })

  it('that would replace something stateful is told by both who look', () => {
    const { changes, lost } = upgrade(base, { topicPrefix: 'new-' })
    expect(lost.length).toBe(2 * readCatalog(base).topics.length)
    expect(replacedOrGone(changes).map(({ type }) => type)).toContain('AWS::MSK::Topic')
  })
})
