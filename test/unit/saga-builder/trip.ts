import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes, seconds } from '#engine/saga/durations.ts'
import * as m from './messages.ts'

/** One of everything that a definition can say. */
export const tripSaga = saga('trip', {
  version: 3,
  startsWith: m.TripAsked,
  deadline: minutes(90),
  history: { started: 'ASKED', completed: 'BOOKED', aborting: 'DENIED' },
})
  .step('announce', m.AnnounceTrip, { send: trip => ({ to: trip.to }) })
  .nothingToUndo()
  .step('fly', m.BookFlight, {
    send: trip => ({ to: trip.to }),
    done: { FlightBooked: reply => ({ seat: reply.seat }) },
    refused: { FlightFull: () => 'FULL' },
    within: seconds(30),
    attempts: 2,
  })
  .undo(m.CancelFlight, { onItsOwnAfter: ['FlightFull'], within: minutes(2), attempts: 4 })
  .step('sleep-over', m.BookRoom, { done: { RoomBooked: nothing }, refused: { RoomFull: () => 'NO_ROOM' } })
  .undo(m.CancelRoom, { evenIfRefused: true })
  .pivot('charge', m.ChargeCard, { done: { CardCharged: nothing }, refused: { CardDeclined: () => 'DECLINED' } })
  .ifUnknown(m.VoidCard, {})
  .retriable('send-voucher', m.SendVoucher, {})
  .onAbort('deny', m.DenyTrip, { send: trip => ({ why: trip.abortedBecause }) })
  .build()
