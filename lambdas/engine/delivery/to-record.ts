/** A message becomes a Kafka record: CloudEvents in binary mode. Pure. */
import { hash } from 'node:crypto'
import type { OutgoingRecord } from '../model/ports.ts'
import type { MessageType } from '../model/messages.ts'
import { OWN_SOURCE } from './message-identity.ts'

export interface Outgoing {
  readonly id: string
  readonly messageType: MessageType
  readonly body: Readonly<Record<string, unknown>>
  readonly sagaId: string
  readonly causationId: string | undefined
  /** Milliseconds since 1970. */
  readonly time: number
  /** The aggregate type that publishes it. */
  readonly source: string
  /** Of the message that caused it, if it had one. */
  readonly traceparent?: string | undefined
}

/** The record for a message. The same message gives the same bytes, whenever it is published again. */
export function toRecord(out: Outgoing, topic: string): OutgoingRecord {
  const { messageType, sagaId } = out
  const { [messageType.idField]: aggregateId = sagaId, ...rest } = out.body
  const command = messageType.kind === 'command'
  // A command to an aggregate that is not the saga's own names the saga beside the aggregate.
  const { [messageType.sagaField]: saga, ...data } = rest
  const sagaAtTop = command && messageType.sagaField !== messageType.idField && saga !== undefined
  const value = {
    [command ? 'commandID' : 'eventID']: out.id,
    [messageType.idField]: aggregateId,
    ...(sagaAtTop && { [messageType.sagaField]: saga }),
    [command ? 'commandType' : 'eventType']: messageType.type,
    data: sagaAtTop ? data : rest,
  }
  return {
    topic,
    key: sagaId,
    value: JSON.stringify(value),
    headers: {
      ce_id: out.id,
      ce_type: messageType.type,
      ce_source: `${OWN_SOURCE}${out.source}`,
      ce_specversion: '1.0',
      ce_time: new Date(out.time).toISOString(),
      ce_subject: sagaId,
      'content-type': 'application/json',
      sagaid: sagaId,
      ...(out.causationId !== undefined && { causationid: out.causationId }),
      traceparent: traceOf(out),
    },
  }
}

/**
 * W3C trace context: the trace of the message that caused it, else the saga's own, which its id makes, so that deadlines
 * and operators' actions are in it too. The span's id is made of the message's: publishing it again changes no byte.
 */
function traceOf({ traceparent, sagaId, id }: Outgoing): string {
  const [version, trace, , flags] = traceparent?.split('-') ?? ['00', hex(sagaId, 32), '', '01']
  return `${version}-${trace}-${hex(id, 16)}-${flags}`
}

const hex = (text: string, digits: number) => hash('sha256', text).slice(0, digits)
