/** A trip: a flight and a room are booked, a card is charged, a voucher is sent. And two commands that nobody answers. */
import { messagesOf } from '#engine/model/messages.ts'
import * as z from 'zod'

const none = z.object({})
const trip = messagesOf('trip', 'tripId')
export const TripAsked = trip.event('TripAsked', z.object({ from: z.string(), to: z.string() }))
export const TripDenied = trip.event('TripDenied', none)
export const DenyTrip = trip.command('DenyTrip', z.object({ why: z.string() }), { done: [TripDenied] })

const flight = messagesOf('flight', 'tripId')
export const FlightBooked = flight.event('FlightBooked', z.object({ seat: z.string() }))
export const FlightFull = flight.event('FlightFull', none)
export const FlightCancelled = flight.event('FlightCancelled', none)
export const BookFlight = flight.command('BookFlight', z.object({ to: z.string() }), {
  done: [FlightBooked],
  refused: [FlightFull],
})
export const CancelFlight = flight.command('CancelFlight', none, { done: [FlightCancelled] })

const room = messagesOf('room', 'tripId')
export const RoomBooked = room.event('RoomBooked', none)
export const RoomFull = room.event('RoomFull', none)
export const RoomCancelled = room.event('RoomCancelled', none)
export const BookRoom = room.command('BookRoom', none, { done: [RoomBooked], refused: [RoomFull] })
export const CancelRoom = room.command('CancelRoom', none, { done: [RoomCancelled] })

const card = messagesOf('card', 'tripId')
export const CardCharged = card.event('CardCharged', none)
export const CardDeclined = card.event('CardDeclined', none)
export const CardVoided = card.event('CardVoided', none)
export const ChargeCard = card.command('ChargeCard', none, { done: [CardCharged], refused: [CardDeclined] })
export const VoidCard = card.command('VoidCard', none, { done: [CardVoided] })

const mail = messagesOf('mail', 'tripId')
export const SendVoucher = mail.command('SendVoucher', none, { done: [] })
export const AnnounceTrip = mail.command('AnnounceTrip', z.object({ to: z.string() }), { done: [] })
