/** A domain in one process: time, dead letters and what they say, whatever catalog it is of. */
import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import type { Domain } from '#engine/catalog/catalog.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { minutes, seconds, startDomain } from '#engine/testing'
import * as p from './parcel.ts'

const post = async () => 'track-1'

const parcelDomain: Domain = {
  name: 'parcels',
  topicOf: topicPerAggregateAndKind,
  services: [
    {
      name: 'parcel',
      aggregate: p.parcels,
      aggregateUse: ['read', 'insert', 'update', 'put'],
      alsoUses: [{ table: p.daysTable, use: ['read', 'add'] }],
    },
  ],
  sagas: [p.parcelSaga, p.parcelSagaV1],
  ends: [],
}
const start = async (left: number, settings: Parameters<typeof startDomain>[1] = {}) => {
  const domain = startDomain(parcelDomain, { calls: { parcel: { post } }, ...settings })
  const ref = { table: 'days', key: { day: 'today' } }
  await domain.store.writeRows([{ ref, item: { day: 'today', left, version: 1 } }])
  return domain
}
const statusOf = (domain: Awaited<ReturnType<typeof start>>) => domain.store.items('sagas').map(({ status }) => status)

describe('a domain in one process', () => {
  it('runs a saga to its end, with its outside call', async () => {
    const domain = await start(1)
    await domain.publish(p.ParcelWantedEvent, { weight: 2 })
    expect(statusOf(domain)).toEqual(['COMPLETED'])
    expect(domain.messages()).toMatchObject([
      { topic: 'parcels-events', type: 'ParcelWantedEvent', key: 's1', data: { weight: 2 } },
      { topic: 'parcels-commands', type: 'ParcelPostCommand', id: 'parcel-saga:s1.1.0' },
      { type: 'ParcelPostedEvent', data: { trackingId: 'track-1' } },
    ])
  })

  it('looks at deadlines as time passes, once a minute', async () => {
    const domain = await start(1)
    domain.pause('parcel')
    await domain.publish(p.ParcelWantedEvent, { weight: 2 })
    await domain.advance(seconds(59))
    expect(domain.messages()).toHaveLength(2)
    await domain.advance(minutes(4))
    expect(domain.messages().map(({ type }) => type)).toContain('ParcelCallBackCommand')
    await domain.resume('parcel')
    expect(statusOf(domain)).toEqual(['ABORTED'])
  })

  it('runs what else goes by the clock, every minute', async () => {
    const times: number[] = []
    const domain = await start(1, {
      now: 0,
      everyMinute: [
        ({ clock }) =>
          async () =>
            times.push(clock.now()),
      ],
    })
    await domain.advance(seconds(150))
    expect(times).toEqual([60_000, 120_000, 150_000])
  })

  it('lets nobody wait: time jumps when all are asleep', async () => {
    const domain = await start(1, { now: 0 })
    await Promise.all([domain.clock.sleep(90_000), domain.clock.sleep(30_000)])
    expect(domain.clock.now()).toBe(90_000)
  })

  it('fails on a dead letter, and says whose it is and why', async () => {
    const broken = { commandID: 'c1', parcelId: 'p1', commandType: 'ParcelPostCommand', data: { weight: 0 } }
    const domain = await start(1)
    const failed = domain.produce('parcels-commands', broken)
    await expect(failed).rejects.toThrow(AssertionError)
    await expect(failed).rejects.toThrow(
      /1 dead letter, expected 0:\n {2}ParcelPostCommand on parcels-commands: parcel reports INVALID, .*data\.weight/,
    )
    await expect(domain.settle()).rejects.toThrow('1 dead letter, expected 0')
  })

  it('takes as many dead letters as are expected, and no more', async () => {
    const domain = await start(1)
    domain.expectDeadLetters(1)
    await domain.produce('parcels-commands', 'no JSON')
    expect(domain.deadLetters()).toMatchObject([{ topic: 'parcels-commands', consumer: 'parcel', reason: 'NOT_JSON' }])
    await expect(domain.produce('parcels-commands', 'nor this')).rejects.toThrow('2 dead letters, expected 1')
    const keeping = await start(1, { keepsDeadLetters: true })
    await keeping.produce('parcels-commands', 'no JSON')
    expect(keeping.deadLetters()).toHaveLength(1)
  })

  it('names what it does not know', async () => {
    const domain = await start(1)
    expect(() => domain.pause('parcels')).toThrow('there is no consumer parcels: there are parcel, parcel-saga')
  })

  it('says which table use is missing in the catalog', async () => {
    const [service] = parcelDomain.services
    const services = service ? [{ ...service, alsoUses: [{ table: p.daysTable, use: ['read' as const] }] }] : []
    const domain = startDomain({ ...parcelDomain, services }, { calls: { parcel: { post } } })
    const ref = { table: 'days', key: { day: 'today' } }
    await domain.store.writeRows([{ ref, item: { day: 'today', left: 1, version: 1 } }])
    const failed = domain.publish(p.ParcelWantedEvent, { weight: 2 })
    await expect(failed).rejects.toMatchObject({
      cause: { message: expect.stringContaining('parcel commits to days') },
    })
  })
})
