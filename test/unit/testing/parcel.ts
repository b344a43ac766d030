/** A service and a saga of the kit's own tests: a parcel is posted by an outside carrier, or called back. */
import * as z from 'zod'
import type { Aggregate, Table } from '#engine/model/aggregate.ts'
import { PoisonMessageError } from '#engine/model/errors.ts'
import { id } from '#engine/model/fields.ts'
import { messagesOf } from '#engine/model/messages.ts'
import { saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'

const parcel = messagesOf('parcel', 'parcelId')

export const ParcelWantedEvent = parcel.event('ParcelWantedEvent', z.object({ weight: z.int().positive() }))
export const ParcelPostedEvent = parcel.event('ParcelPostedEvent', z.object({ trackingId: id }))
export const ParcelRefusedEvent = parcel.event('ParcelRefusedEvent', z.object({ reason: z.string().max(20) }))
export const ParcelCalledBackEvent = parcel.event('ParcelCalledBackEvent', z.object({}))
export const ParcelPostCommand = parcel.command('ParcelPostCommand', z.object({ weight: z.int().positive() }), {
  done: [ParcelPostedEvent],
  refused: [ParcelRefusedEvent],
})
export const ParcelCallBackCommand = parcel.command('ParcelCallBackCommand', z.object({}), {
  done: [ParcelCalledBackEvent],
})

export interface Parcel {
  readonly status: 'INTENT' | 'POSTED' | 'CALLED_BACK'
}

const table: Table = { name: 'parcels', partition: 'parcelId' }
/** Parcels that one day takes. */
export const daysTable: Table = { name: 'days', partition: 'day' }
const today = { table: 'days', key: { day: 'today' } }

/** `reason`: what a refusal says, in tests of what a contract does not take. */
export const parcelThatRefuses = (reason: string): Aggregate<Parcel> => ({
  type: 'parcel',
  table,
  handles: [ParcelPostCommand, ParcelCallBackCommand],
  publishes: [ParcelPostedEvent, ParcelRefusedEvent, ParcelCalledBackEvent],
  reads: () => [today],
  decide(state, { type, body }, { read }) {
    if (type === ParcelCallBackCommand.type)
      return {
        kind: 'commit',
        state: { status: 'CALLED_BACK' },
        publish: [{ message: ParcelCalledBackEvent, body: {} }],
      }
    if (state?.status === 'POSTED') return { kind: 'ignore', why: 'it is posted' }
    if (body['weight'] === 13) throw new Error('a bug in the rules')
    if (body['weight'] === 14) throw new PoisonMessageError('no such weight', { code: 'WEIGHT' })
    if (Number(read(today)?.['left'] ?? 0) < 1)
      return { kind: 'answer', publish: [{ message: ParcelRefusedEvent, body: { reason } }] }
    return {
      kind: 'commit',
      state: { status: 'INTENT' },
      alongside: [{ kind: 'add', ref: today, add: { left: -1 }, atLeast: { left: 1 } }],
      call: { name: 'post', request: { weight: body['weight'] } },
    }
  },
  answered: (_state, _message, answer) => ({
    kind: 'commit',
    state: { status: 'POSTED' },
    publish: [{ message: ParcelPostedEvent, body: { trackingId: String(answer) } }],
  }),
})

export const parcels = parcelThatRefuses('FULL')
export const left = (count: number) => ({ items: { days: [{ day: 'today', left: count }] } })

const post = (name: string, version: number) =>
  saga('parcel', { version, startsWith: ParcelWantedEvent, deadline: minutes(15) })
    .step(name, ParcelPostCommand, {
      send: ({ weight }) => ({ weight }),
      done: { ParcelPostedEvent: ({ trackingId }) => ({ trackingId }) },
      refused: { ParcelRefusedEvent: ({ reason }) => reason },
    })
    .undo(ParcelCallBackCommand, {})
    .build()
export const parcelSagaV1 = post('send', 1)
export const parcelSaga = post('post', 2)
