/**
 * A participant whose messages are events of a store: what it would publish is appended to its stream, in the transaction of
 * its own commit, and every append is decided on the whole stream. Who is second reads what was first, and decides again.
 */
import type { Aggregate, Decision, Message, OutgoingMessage, DecisionContext, StreamUse } from '../model/aggregate.ts'
import type { Alongside, Item, Value } from '../model/ports.ts'
import type { MessageType } from '../model/messages.ts'
import { checkBody } from '../delivery/check-published.ts'
import { messageIdOf } from '../delivery/stored-item.ts'
import { senderIdOf } from '../delivery/message-identity.ts'

/** A stream of events: one partition of a table. An event that came from its topic, and so need not go out there, has `takenIn`. */
export interface EventStore {
  /** Partition key: the stream. Sort key: `sequenceNumber`, from 1 without gaps. */
  readonly table: StreamUse<never>['table'] & { readonly sort: { readonly name: string } }
  /** Whether an event of this type may follow what is there. */
  mayAppend(stream: readonly Item[], type: string): boolean
}

/** The same aggregate, with its events in the store. Messages that `of` gives no stream for are answered as ever. */
export function eventSourced<State extends object>(
  inner: Aggregate<State>,
  { store, of }: { readonly store: EventStore; of(message: Message): string | undefined },
): Aggregate<State> {
  return {
    ...inner,
    stream: { table: store.table, of },
    decide(state, message, context) {
      const decision = inner.decide(state, message, context)
      const stream = of(message)
      return stream === undefined ? decision : inStream(decision, state, { inner, store, stream, message, context })
    },
  }
}

interface Turn<State extends object> {
  readonly inner: Aggregate<State>
  readonly store: EventStore
  readonly stream: string
  readonly message: Message
  readonly context: DecisionContext
}

function inStream<State extends object>(
  decision: Decision<State>,
  state: State | undefined,
  turn: Turn<State>,
): Decision<State> {
  const { store, context } = turn
  if (decision.kind === 'commit') {
    const { publish: send = [], alongside = [], ...rest } = decision
    const events = appendAll(send, turn)
    // It was decided on its own state alone; the stream has gone another way.
    if (!events) return { kind: 'ignore', why: `the stream is closed to ${send.map(typeOf).join(', ')}` }
    return { ...rest, publish: [], alongside: [...alongside, ...events] }
  }
  if (decision.kind !== 'answer') return decision
  const known = new Set(context.stream.map(event => event['eventType']))
  const missing = decision.publish.filter(
    outgoing => !known.has(typeOf(outgoing)) && store.mayAppend(context.stream, typeOf(outgoing)),
  )
  const events = missing.length > 0 ? appendAll(missing, turn) : undefined
  if (!events || !state) return { kind: 'ignore', why: 'its answer is in the stream, or can’t be any more' }
  return { kind: 'commit', state, publish: [], alongside: events }
}

/** The events as writes alongside; undefined if the stream does not take one of them. */
function appendAll<State extends object>(send: readonly OutgoingMessage[], turn: Turn<State>): Alongside[] | undefined {
  const { inner, store, stream, message, context } = turn
  let events = context.stream
  const inserts: Alongside[] = []
  for (const { message: messageType, body } of send) {
    if (!store.mayAppend(events, messageType.type)) return undefined
    const sequenceNumber = events.length + 1
    const eventID = messageIdOf(inner, stream, context.next[0], sequenceNumber)
    const event = eventOf(store, messageType, { eventID, body, causationID: senderIdOf(message.id) })
    const insert = appendOf(store, { stream, sequenceNumber, at: context.now }, event)
    inserts.push(insert)
    events = [...events, insert.item]
  }
  return inserts
}

/** A message as a store keeps it: the id of what it is about at the top, but for the stream's own. Throws ContractError for one that its readers would refuse. */
export function eventOf(
  { table }: EventStore,
  message: MessageType,
  about: {
    readonly eventID: string
    readonly body: Readonly<Record<string, unknown>>
    readonly causationID?: string | undefined
  },
): Item {
  const { eventID, body, causationID } = about
  checkBody(message, body)
  const { type, idField } = message
  const { [idField]: id, ...data } = body
  return {
    eventID,
    eventType: type,
    ...(idField !== table.partition && { [idField]: id as string }),
    data: data as Value,
    ...(causationID !== undefined && { causationID }),
  }
}

/** One event as a conditional write: nobody else has appended that number. */
export function appendOf(
  { table }: EventStore,
  { stream, sequenceNumber, at }: { readonly stream: string; readonly sequenceNumber: number; readonly at: number },
  event: Item,
): Extract<Alongside, { kind: 'insert' }> {
  const key = { [table.partition]: stream, [table.sort.name]: sequenceNumber }
  const timestamp = new Date(at).toISOString()
  return { kind: 'insert', ref: { table: table.name, key }, item: { ...event, ...key, timestamp } }
}

const typeOf = ({ message: messageType }: OutgoingMessage) => messageType.type
