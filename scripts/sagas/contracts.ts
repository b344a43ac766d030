/** Every message that a catalog knows, as it is locked: its place on the wire, its replies, and its shape as JSON Schema. */
import * as z from 'zod'
import type { Catalog } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import type { Command, MessageType } from '#engine/model/messages.ts'
import { wirings } from '../docs/wirings.ts'

export const LockedMessage = z.object({
  kind: z.enum(['command', 'event']),
  about: z.string(),
  idField: z.string(),
  sagaField: z.string(),
  /** Of a command: the types of its replies. */
  replies: z.array(z.string()).optional(),
  /** Of `data`: what a receiver takes. */
  schema: z.record(z.string(), z.unknown()),
})
export type LockedMessage = z.infer<typeof LockedMessage>

/** By the message's type. */
export type Contracts = Readonly<Record<string, LockedMessage>>

/** Of all wirings together. */
export const readContracts = (catalogs: readonly Catalog[] = wirings.map(({ catalog }) => catalog)): Contracts =>
  Object.fromEntries(
    catalogs
      .flatMap(catalog => readCatalog(catalog).messages)
      .map(({ message }): [string, LockedMessage] => [message.type, lockedOf(message)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )

export function lockedOf(message: MessageType): LockedMessage {
  const { kind, about, idField, sagaField, schema } = message
  const { done = [], refused = [] } = message as Partial<Command>
  const { $schema: _, ...json } = z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' })
  return {
    kind,
    about,
    idField,
    sagaField,
    ...(kind === 'command' && { replies: [...done, ...refused].map(({ type }) => type) }),
    schema: JSON.parse(JSON.stringify(json)) as Record<string, unknown>,
  }
}
