/**
 * The AsyncAPI document of a wiring: every topic with its dead letters, every message, and who sends and receives it. Made
 * of what the catalog's reader gives, as event sources and grants are.
 */
import type { Command, MessageType } from '#engine/model/messages.ts'
import { ID_LENGTH_MAX } from '#engine/delivery/saga-id.ts'
import { consumerGroupOf, deadLetterTopicOf, pluralOf } from '#engine/delivery/topics.ts'
import { readCatalog, type WiredFunction, type WiredMessage, type Wiring } from '#engine/catalog/wiring.ts'
import { DEAD_LETTER, deadLetterMessages, headerSchemas, SOURCE_FAILURE } from './asyncapi-headers.ts'
import { type JsonSchema, jsonSchemaOf } from './schema.ts'
import { asCode, type DocumentedWiring } from './wirings.ts'

const BINDING_VERSION = '0.5.0'

/** An object that is valid by AsyncAPI 3.0. */
export function asyncApi({ chosen, catalog }: DocumentedWiring, version: string) {
  const wiring = readCatalog(catalog)
  const messages = wiring.messages.map(({ message }) => ({ message, ...payloadOf(message) }))
  return {
    asyncapi: '3.0.0',
    info: { title: titleOf(chosen), version, description: descriptionOf(chosen) },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(wiring.topics.flatMap(topic => channelsOf(topic, wiring))),
    operations: Object.fromEntries(
      wiring.functions.flatMap(fn => [...sends(fn, wiring), ...receives(fn), ...givesUp(fn), ...readsDead(fn)]),
    ),
    components: {
      messages: {
        ...Object.fromEntries(
          messages.map(({ message, ...shape }) => [message.type, messageOf(message, shape)] as const),
        ),
        ...deadLetterMessages,
      },
      schemas: { ...headerSchemas, ...Object.assign({}, ...messages.map(({ named }) => named)) },
      correlationIds: {
        saga: { description: 'All messages of a saga have its id.', location: '$message.header#/sagaid' },
      },
    },
  }
}

/** `Recourse, quoting by choreography` */
const titleOf = (chosen: DocumentedWiring['chosen']) =>
  ['Recourse', ...Object.entries(chosen).map(([variable, value]) => `${variable.toLowerCase()} by ${value}`)].join(', ')

const descriptionOf = (
  chosen: DocumentedWiring['chosen'],
) => `Every topic and message of a deployment${asCode(chosen) && ` with ${asCode(chosen)}`}, and which function sends and receives it.

A record's value is JSON in UTF-8. Its key is the saga's id, so that all messages of a saga on a topic share a partition. Delivery is at least once: a message that comes again has the same \`commandID\` or \`eventID\`. Of others' messages with a \`ce_source\`, those of one source, one type and one id are the same message, so each service may count from 1; without a source the id alone says it.

Our messages have every field and header that is listed here, but \`causationid\`: it is missing where an HTTP request caused them, and where an event of the event store is passed on. Of others' messages less is asked: every header may be missing, also all of them; a message without an id gets one from its topic, partition and offset; the saga's id may be in the header \`sagaid\`, in its field at the top level or in \`data\`, or in the record's key; unknown fields are ignored. What is there has to be what it is for: an id, a type or one of these headers that is no text (a number, null, empty, not UTF-8), or \`data\` that is no object, makes the message invalid, and nothing else is read in its place.

What can never be handled goes to \`<topic>.dlq\`. A deployment may put a prefix before the names of topics and groups.`

type Entry = readonly [name: string, value: object]

/** A topic, and its dead letters. */
function channelsOf(topic: string, { messages }: Wiring): Entry[] {
  const here = messages.filter(message => message.topic === topic)
  const kinds = distinct(here.map(({ kind }) => `${kind}s`))
  const about = distinct(here.map(({ message }) => pluralOf(message.about)))
  const dead = deadLetterTopicOf(topic)
  return [
    [
      topic,
      {
        address: topic,
        description: `${capital(list(kinds))} about ${list(about)}.`,
        messages: Object.fromEntries(here.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }])),
      },
    ],
    [
      dead,
      {
        address: dead,
        description: `What can never be handled of ${topic}.`,
        messages: Object.fromEntries(
          [DEAD_LETTER, SOURCE_FAILURE].map(name => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    ],
  ]
}

/** One operation for each command, with its replies; one for all events of a topic. */
function sends({ name }: WiredFunction, { messages }: Wiring): Entry[] {
  const outgoing = messages.filter(({ publishedBy }) => publishedBy.includes(name))
  const topics = distinct(outgoing.filter(({ kind }) => kind === 'event').map(({ topic }) => topic))
  return [
    ...outgoing.filter(({ kind }) => kind === 'command').map(command => sendsCommand(name, command, messages)),
    ...topics.map((topic): Entry => {
      const here = outgoing.filter(message => message.topic === topic && message.kind === 'event')
      return [
        `${name}-sends-${topic}`,
        {
          action: 'send',
          title: `${name} publishes on ${topic}`,
          channel: channel(topic),
          messages: here.map(({ type }) => messageAt(topic, type)),
        },
      ]
    }),
  ]
}

function sendsCommand(name: string, { type, topic, message }: WiredMessage, all: readonly WiredMessage[]): Entry {
  const replies = repliesTo(message).flatMap(reply => all.filter(known => known.type === reply.type))
  const [replyTopic, other] = distinct(replies.map(reply => reply.topic))
  return [
    `${name}-sends-${type}`,
    {
      action: 'send',
      title: `${name} asks by ${type}`,
      channel: channel(topic),
      messages: [messageAt(topic, type)],
      ...(replyTopic !== undefined && {
        reply: {
          // Replies on several topics have no one channel.
          ...(other === undefined && { channel: channel(replyTopic) }),
          messages: replies.map(reply => messageAt(reply.topic, reply.type)),
        },
      }),
    },
  ]
}

const receives = ({ name, sources }: WiredFunction): Entry[] =>
  sources.map(({ topic, types }) => [
    `${name}-receives-${topic}`,
    {
      action: 'receive',
      title: `${name} handles ${topic}`,
      channel: channel(topic),
      messages: types.map(type => messageAt(topic, type)),
      bindings: groupBinding(name, topic),
    },
  ])

/** A consumer, or its event source after the last retry, puts aside what can't be handled. */
const givesUp = ({ name, sources }: WiredFunction): Entry[] =>
  sources.map(({ topic }) => {
    const dead = deadLetterTopicOf(topic)
    return [
      `${name}-sends-${dead}`,
      {
        action: 'send',
        title: `${name} gives up on records of ${topic}`,
        channel: channel(dead),
        messages: [DEAD_LETTER, SOURCE_FAILURE].map(type => messageAt(dead, type)),
      },
    ]
  })

/** Everything that was put aside is looked at by one function. */
const readsDead = ({ name, deadLetterTopics = [] }: WiredFunction): Entry[] =>
  deadLetterTopics.map(topic => [
    `${name}-receives-${topic}`,
    {
      action: 'receive',
      title: `${name} indexes ${topic}`,
      channel: channel(topic),
      messages: [DEAD_LETTER, SOURCE_FAILURE].map(type => messageAt(topic, type)),
      bindings: groupBinding(name, topic),
    },
  ])

const groupBinding = (name: string, topic: string) => ({
  kafka: {
    groupId: { type: 'string', enum: [consumerGroupOf(name, topic)] },
    bindingVersion: BINDING_VERSION,
  },
})

function messageOf(message: MessageType, { payload, sagaKnown }: ReturnType<typeof payloadOf>) {
  const { type, kind, about, idField, sagaField, description } = message
  return {
    name: type,
    title: type,
    summary: description,
    ...(isCommand(message) && { description: answersOf(message) }),
    tags: [{ name: kind }, { name: about }],
    headers: { $ref: '#/components/schemas/headers' },
    payload,
    correlationId: { $ref: '#/components/correlationIds/saga' },
    bindings: {
      kafka: {
        key: {
          type: 'string',
          description: `The saga's id: \`${sagaField}\`${sagaKnown ? '' : `, or \`${idField}\` where it belongs to no saga`}.`,
        },
        bindingVersion: BINDING_VERSION,
      },
    },
  }
}

function answersOf({ done, refused }: Command): string {
  const names = (events: readonly MessageType[]) =>
    list(
      events.map(({ type }) => `\`${type}\``),
      'or',
    )
  if (done.length === 0) return 'Nobody answers it.'
  const refusal = refused.length > 0 ? `; refused with ${names(refused)}, and then nothing was changed` : ''
  return `Answered with ${names(done)}${refusal}.`
}

/** The value of a record, as `toRecord` writes it. */
function payloadOf({ type, kind, about, idField, sagaField, schema }: MessageType) {
  const { schema: data, named } = jsonSchemaOf(schema, 'draft-7', type)
  const idName = kind === 'command' ? 'commandID' : 'eventID'
  const typeName = kind === 'command' ? 'commandType' : 'eventType'
  // A command to an aggregate that is not the saga's own names the saga beside the aggregate.
  const { [sagaField]: saga, ...rest } = (data['properties'] ?? {}) as Record<string, JsonSchema>
  const sagaAtTop = kind === 'command' && sagaField !== idField && saga !== undefined
  const payload: JsonSchema = {
    type: 'object',
    required: [idName, idField, typeName, 'data'],
    properties: {
      [idName]: { type: 'string', description: 'The same whenever it comes again.' },
      [idField]: {
        type: 'string',
        maxLength: ID_LENGTH_MAX,
        description: idField === sagaField ? "The saga's id." : `The ${about}'s id.`,
      },
      ...(sagaAtTop && { [sagaField]: { ...saga, description: "The saga's id; left out where it belongs to none." } }),
      [typeName]: { const: type },
      data: sagaAtTop ? { ...data, properties: rest } : data,
    },
  }
  const required = (data['required'] ?? []) as readonly string[]
  return { payload, named, sagaKnown: sagaField === idField || required.includes(sagaField) }
}

const isCommand = (message: MessageType): message is Command => message.kind === 'command'
const repliesTo = (message: MessageType): readonly MessageType[] =>
  isCommand(message) ? [...message.done, ...message.refused] : []
const channel = (topic: string) => ({ $ref: `#/channels/${topic}` })
const messageAt = (topic: string, type: string) => ({ $ref: `#/channels/${topic}/messages/${type}` })
const distinct = (names: readonly string[]) => [...new Set(names)]
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const list = (names: readonly string[], last = 'and') =>
  [...names.slice(0, -2), names.slice(-2).join(` ${last} `)].join(', ')
