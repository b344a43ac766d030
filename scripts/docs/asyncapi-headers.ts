/** What travels beside the values: headers of messages and of dead letters, as `envelope.ts` and `dead-letter.ts` write them. */
import type { PoisonReason } from '#engine/delivery/envelope.ts'
import type { JsonSchema } from './schema.ts'

export const DEAD_LETTER = 'dead-letter'
export const SOURCE_FAILURE = 'event-source-failure'

/** CloudEvents in binary mode, and ours. */
const messageHeaders = {
  ce_id: text("The message's id, as `commandID` or `eventID`."),
  ce_type: text("The message's type, as `commandType` or `eventType`."),
  ce_source: text('The aggregate type that says it. Of others: who says it; ids are told apart by it.', {
    examples: ['/recourse/order'],
  }),
  ce_specversion: { const: '1.0' },
  ce_time: text('When the change was committed that it tells of; UTC.', { format: 'date-time' }),
  ce_subject: text("The saga's id."),
  'content-type': { const: 'application/json' },
  sagaid: text("The saga's id. It comes before the body's fields and the record's key."),
  causationid: text('The id of the message that caused it; left out where it began over HTTP or by the clock.'),
  traceparent: text('W3C trace context; left out where there is none.'),
}

const poison: Readonly<Record<PoisonReason, string>> = {
  TOMBSTONE: 'the record has no value',
  NOT_JSON: 'the value is not JSON in UTF-8',
  NOT_AN_OBJECT: 'the value is JSON, but no object',
  NO_TYPE: 'there is no type',
  UNKNOWN_TYPE: 'nobody knows the type',
  NO_SAGA_ID: 'no saga can be told',
  INVALID: 'a field is not as the contract says',
  REFUSED: 'its consumer will never be able to handle it',
  RULES_THREW: 'the rules of its consumer threw: once they are mended, it can be redriven',
  TOO_LARGE: 'what it causes is larger than can be kept',
}

const deadLetterHeaders = {
  dlq_reason: {
    type: 'string',
    enum: Object.keys(poison),
    description: Object.entries(poison)
      .map(([reason, why]) => `\`${reason}\`: ${why}`)
      .join('; '),
  },
  dlq_error: text('What was wrong, for a person.'),
  dlq_topic: text('Where the record was.'),
  dlq_partition: text('A number.'),
  dlq_offset: text('A number.'),
  dlq_timestamp: text("The record's, in milliseconds since 1970."),
  dlq_consumer: text('The function that gave up.'),
  dlq_attempts: text('How often it was tried.'),
}

export const headerSchemas: Readonly<Record<string, JsonSchema>> = {
  headers: { type: 'object', properties: messageHeaders },
  deadLetterHeaders: {
    type: 'object',
    description: 'And every header of the original record.',
    required: Object.keys(deadLetterHeaders),
    properties: deadLetterHeaders,
  },
}

/** What is in a dead-letter topic. */
export const deadLetterMessages = {
  [DEAD_LETTER]: {
    name: DEAD_LETTER,
    title: 'Dead letter',
    summary: 'A record that a consumer can never handle: its original key and bytes, with why in its headers.',
    contentType: 'application/octet-stream',
    headers: { $ref: '#/components/schemas/deadLetterHeaders' },
  },
  [SOURCE_FAILURE]: {
    name: SOURCE_FAILURE,
    title: 'Failure record of an event source',
    summary: 'What Lambda itself writes after its last retry: the records of the batch that it gave up on.',
    payload: {
      type: 'object',
      required: ['requestContext', 'KafkaBatchInfo', 'payload'],
      properties: {
        requestContext: {
          type: 'object',
          properties: {
            requestId: text('Of the last invocation.'),
            functionArn: text('The function that failed.'),
            condition: text('Why it gave up.'),
            approximateInvokeCount: { type: 'integer' },
          },
        },
        KafkaBatchInfo: {
          type: 'object',
          description: 'Which records: by partition, the first and the last offset.',
        },
        payload: text("The function's event as JSON text; keys, values and headers in it are in base64."),
      },
    },
  },
}

function text(description: string, more: JsonSchema = {}): JsonSchema {
  return { type: 'string', description, ...more }
}
