/**
 * Messages as a test writes them: a contract and its data, checked by the compiler. Each one goes through the real edge, as
 * a record that is written and read, so that what a contract refuses fails the test before any rule sees it.
 */
import { AssertionError } from 'node:assert'
import { parseRecord } from '../delivery/envelope.ts'
import { toRecord } from '../delivery/to-record.ts'
import type { Message } from '../model/aggregate.ts'
import type { Body, MessageType } from '../model/messages.ts'
import type { OutgoingRecord } from '../model/ports.ts'
import { incomingRecord } from './records.ts'

/** The data of a message. The aggregate's own id may be left out: it is the saga's then. */
export type BodyOf<M extends MessageType> = Omit<Body<M>, M['idField']> & { readonly [K in M['idField']]?: string }

/** A message and its data, as something that is given or expected. */
export interface TestMessage {
  readonly message: MessageType
  /** Left out of what is expected: any. */
  readonly body: Readonly<Record<string, unknown>> | undefined
  readonly id: string | undefined
}

/** `message(c.ShipmentPackedEvent, { parcelId })`, where several are given or expected. `id`: the one that it must have. */
export const message = <M extends MessageType>(
  message: M,
  body?: BodyOf<M>,
  { id }: { readonly id?: string } = {},
): TestMessage => ({ message, body, id })

export interface Sender {
  readonly id: string
  readonly sagaId: string
  /** The id of the message that caused it. */
  readonly causationId: string | undefined
  /** Milliseconds since 1970. */
  readonly time: number
  /** Who sends it, for the error. */
  readonly source: string
}

/** The message as whoever receives it sees it. Throws an AssertionError where its own contract refuses it. */
export function asReceived(
  type: MessageType,
  body: Readonly<Record<string, unknown>>,
  { id, sagaId, causationId, time, source }: Sender,
): Message {
  return received(type, toRecord({ id, messageType: type, body, sagaId, causationId, time, source }, 'test'), source)
}

export function received(type: MessageType, record: OutgoingRecord, source: string): Message {
  const ours = new Map([[type.type, type]])
  const parsed = parseRecord(incomingRecord({ ...record, partition: 0, offset: 0 }), {
    ours,
    others: new Set(),
    owner: true,
  })
  if (parsed.kind === 'message') return parsed.message
  const why = parsed.kind === 'poison' ? parsed.error : 'it is not known'
  throw new AssertionError({ message: `${source} sends a ${type.type} that its contract refuses: ${why}` })
}

/** The data as it is compared: with the aggregate's id filled in, and without fields that are undefined. */
export const comparable = (type: MessageType, body: Readonly<Record<string, unknown>>, sagaId: string): unknown =>
  JSON.parse(JSON.stringify({ [type.idField]: sagaId, ...body }))
