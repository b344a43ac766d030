/** What a message looks like on the wire is locked: it may grow, and nothing of it goes. */
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { messagesOf, type MessageType } from '#engine/model/messages.ts'
import { updateContracts } from '../../../scripts/sagas/contract-lock.ts'
import { findContractProblems } from '../../../scripts/sagas/contract-problems.ts'
import { type Contracts, lockedOf } from '../../../scripts/sagas/contracts.ts'

const parcel = messagesOf('parcel', 'orderId')
const Sent = parcel.event('ParcelSent', z.object({ ref: z.string() }))
const Lost = parcel.event('ParcelLost', z.object({ reason: z.enum(['STOLEN', 'UNKNOWN']) }))
const Send = parcel.command('SendParcel', z.object({}), { done: [Sent], refused: [Lost] })
const contracts = (...messages: MessageType[]): Contracts =>
  Object.fromEntries(messages.map(message => [message.type, lockedOf(message)]))
const locked = contracts(Sent, Lost, Send)
const nothing = { rewrite: [], remove: [] }
const narrower = parcel.event('ParcelLost', z.object({ reason: z.enum(['UNKNOWN']), at: z.string() }))
const wider = parcel.event('ParcelLost', z.object({ reason: z.string(), at: z.string().optional() }))

describe('a message that is as it is locked', () => {
  it('is no problem, and locking it again changes nothing', () => {
    expect(findContractProblems(locked, locked)).toEqual([])
    expect(updateContracts(locked, locked, nothing)).toEqual({ contracts: locked, changes: [], problems: [] })
  })
})

describe('a message that has grown', () => {
  const now = contracts(Sent, wider, Send)

  it('is no problem, and is locked with what it has more', () => {
    expect(findContractProblems(locked, now)).toEqual([])
    const { contracts: next, changes, problems } = updateContracts(locked, now, nothing)
    expect([next, changes, problems]).toEqual([now, ['ParcelLost extended'], []])
    // From then on that is not taken back either.
    expect(findContractProblems(next, locked).join()).toContain('data.at: is gone')
  })
})

describe('a message that takes less than it did', () => {
  const now = contracts(Sent, narrower, Send)

  it('is told with each difference, and with what to do', () => {
    expect(findContractProblems(locked, now)).toMatchInlineSnapshot(`
      [
        "ParcelLost is not what contracts.lock.json has. Messages of that shape may be on their way, among the dead letters or in a commit that is not published yet:
        - data.reason: "STOLEN" is not taken any more
        - data.at: is required now, and is new
      What to do:
        Keep what it was, and make what is new optional: fields, values and wider bounds may be added.
        Or declare a message of another type (ParcelLostV2) beside it, and handle both until nobody sends the old one.
        If it was never deployed anywhere: npm run sagas:lock -- --rewrite ParcelLost",
      ]
    `)
  })

  it('is locked anew only where it is named', () => {
    expect(updateContracts(locked, now, nothing).problems).toHaveLength(1)
    expect(updateContracts(locked, now, { ...nothing, rewrite: ['ParcelLost'] })).toEqual({
      contracts: now,
      changes: ['ParcelLost rewritten'],
      problems: [],
    })
    expect(updateContracts(locked, now, { ...nothing, rewrite: ['ParcelSent'] }).problems).toHaveLength(1)
  })
})

describe('a message that goes elsewhere, or is answered otherwise', () => {
  it.each([
    [messagesOf('package', 'orderId').event('ParcelLost', Lost.schema), 'about: was parcel, and is package now'],
    [messagesOf('parcel', 'parcelId').event('ParcelLost', Lost.schema), 'idField: was orderId, and is parcelId now'],
    [
      messagesOf('parcel', 'orderId', 'sagaId').event('ParcelLost', Lost.schema),
      'sagaField: was orderId, and is sagaId now',
    ],
    [parcel.command('ParcelLost', Lost.schema, { done: [] }), 'kind: was event, and is command now'],
  ])('%#: %s', (message: MessageType, says) => {
    expect(findContractProblems(locked, contracts(Sent, message, Send)).join()).toContain(says)
  })

  it('may have more replies, and not fewer', () => {
    const fewer = parcel.command('SendParcel', z.object({}), { done: [Sent] })
    expect(findContractProblems(locked, contracts(Sent, Lost, fewer)).join()).toContain(
      'replies: ParcelLost is not one any more',
    )
    expect(findContractProblems(contracts(Sent, Lost, fewer), locked)).toEqual([])
  })
})

describe('a message that is new, or gone', () => {
  it('is to be locked', () => {
    expect(findContractProblems(contracts(Sent, Lost), locked)).toEqual([
      'SendParcel is not in contracts.lock.json yet: run `npm run sagas:lock` and commit it',
    ])
    expect(updateContracts(contracts(Sent, Lost), locked, nothing)).toMatchObject({
      changes: ['1 message added'],
      problems: [],
    })
  })

  it('stays locked until somebody says that none is left', () => {
    const now = contracts(Sent, Lost)
    expect(findContractProblems(locked, now).join()).toContain(
      'SendParcel is in contracts.lock.json, but no catalog knows it any more',
    )
    expect(updateContracts(locked, now, nothing).problems).toHaveLength(1)
    expect(updateContracts(locked, now, { ...nothing, remove: ['SendParcel'] })).toEqual({
      contracts: now,
      changes: ['SendParcel removed'],
      problems: [],
    })
  })

  it('is not taken for another: what nobody knows can be neither rewritten nor removed', () => {
    const { problems } = updateContracts(locked, locked, { rewrite: ['Nope'], remove: ['ParcelSent', 'Nope'] })
    expect(problems).toEqual([
      '--rewrite Nope: no catalog knows such a message',
      '--remove ParcelSent: the catalog still knows it: take it out of its services and sagas first',
      '--remove Nope: contracts.lock.json has no such message',
    ])
  })
})
