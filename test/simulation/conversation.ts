/** What holds of all that was published: a message has one id and an id one message, and a saga's command has a reply. */
import type { Command } from '#engine/model/messages.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { OWN_SOURCE } from '#engine/delivery/message-identity.ts'
import { type Broker, header } from './broker.ts'
import type { Domain, Report } from './domain.ts'

export function checkConversation(
  { domain, broker }: { readonly domain: Domain; readonly broker: Broker },
  {
    discarded,
    happened,
    left,
  }: {
    readonly discarded: readonly IncomingRecord[]
    readonly happened: readonly string[]
    /** Ids of those that waited for their saga's clock: another's command may have led on meanwhile. */
    readonly left: ReadonlySet<string>
  },
  report: Report,
) {
  const ours = broker
    .everything()
    .filter(record => header(record, 'ce_source')?.startsWith(OWN_SOURCE) && !record.topic.endsWith('.dlq'))
  identities(ours, domain.answersWithOneId ?? false, report)
  // In an event store the stream answers, and publishes once what was asked twice.
  if (!domain.eventStore) replies(ours, domain, { discarded, unknown: isUnknown(happened), left }, report)
}

/** Rule 1: published again, it has the id that it had; a sweep that runs twice wakes a saga once. */
function identities(ours: readonly IncomingRecord[], oneId: boolean, report: Report) {
  const contents = new Map<string, string>()
  const ids = new Map<string, string>()
  for (const record of ours) {
    const [id = '', source, type, saga = '', cause] = ['ce_id', 'ce_source', 'ce_type', 'sagaid', 'causationid'].map(
      name => header(record, name),
    )
    const value = Buffer.from(record.value ?? []).toString()
    const content = `${record.topic} ${value}`
    if ((contents.get(id) ?? content) !== content)
      report('one-id-one-message', `${id} is ${contents.get(id)}, and ${content}`, saga)
    contents.set(id, content)
    // An operator who says the same twice means it twice.
    if (source === '/recourse/operations') continue
    const { commandID: _, eventID: __, ...outgoing } = JSON.parse(value) as Record<string, unknown>
    // Others number their messages from 1, each for itself: such a cause is known by the item that it was handled in.
    const item = /^\d+$/.test(cause ?? '') ? id.split('.').slice(0, -2).join('.') : ''
    const message = JSON.stringify([source, type, saga, cause, item, outgoing])
    if (oneId && (ids.get(message) ?? id) !== id)
      report('published-again-with-its-id', `${ids.get(message)} was published again as ${id}`, saga)
    ids.set(message, id)
  }
}

/** Rule 2: but where it was thrown away, or its outcome is unknown and was settled. */
function replies(
  ours: readonly IncomingRecord[],
  domain: Domain,
  {
    discarded,
    unknown,
    left,
  }: {
    readonly discarded: readonly IncomingRecord[]
    readonly unknown: boolean
    readonly left: ReadonlySet<string>
  },
  report: Report,
) {
  const answered = new Set(ours.map(record => header(record, 'causationid')))
  const gone = new Set(discarded.map(record => header(record, 'ce_id')))
  const outgoing = new Set(ours.map(record => `${header(record, 'sagaid')} ${header(record, 'ce_type')}`))
  const commands = commandsOf(domain)
  for (const record of ours) {
    const { command, settle } = commands.get(header(record, 'ce_type') ?? '') ?? {}
    const [id = '', saga = ''] = [header(record, 'ce_id'), header(record, 'sagaid')]
    if (!command || command.done.length === 0 || answered.has(id) || gone.has(id) || left.has(id)) continue
    if (settle && (unknown || outgoing.has(`${saga} ${settle.type}`))) continue
    report('commands-are-answered', `${command.type} ${id} has no reply`, saga)
  }
}

type Commands = Map<string, { command: Command; settle?: Command | undefined }>
const commandsKnown = new WeakMap<Domain, Commands>()

/** The commands that the sagas send, by type, and how one whose outcome is unknown is settled. */
function commandsOf(domain: Domain): Commands {
  const known = commandsKnown.get(domain)
  if (known) return known
  const commands: Commands = new Map()
  commandsKnown.set(domain, commands)
  for (const { steps, abort } of domain.sagas)
    for (const { command, settle, undo } of [
      ...steps,
      ...(abort ? [{ ...abort, settle: undefined, undo: undefined }] : []),
    ])
      for (const one of [
        { command, settle: settle?.command },
        { command: settle?.command },
        { command: undo?.command },
      ])
        if (one.command) commands.set(one.command.type, { ...one, command: one.command })
  return commands
}

/** Whether a provider has left somebody without an answer: what it was asked may be acknowledged unanswered. */
export const isUnknown = (happened: readonly string[]) =>
  happened.some(fault => /^provider |^lost answer .*: call /.test(fault))

/** The one rule: a command is acknowledged after its reply is published. */
export function checkAcknowledged(
  record: IncomingRecord,
  consumer: string,
  { domain, broker }: { readonly domain: Domain; readonly broker: Broker },
  { unknown, left }: { readonly unknown: boolean; readonly left: ReadonlySet<string> },
  report: Report,
) {
  const [id = '', type = ''] = [header(record, 'ce_id'), header(record, 'ce_type')]
  const { command, settle } = commandsOf(domain).get(type) ?? {}
  if (domain.eventStore || !command || command.done.length === 0 || !broker.commandIds.has(id)) return
  const reader = domain.consumers.find(({ name }) => name === consumer)
  if (!reader?.aggregate.handles.some(message => message.type === type)) return
  // One that waits for its saga's clock is asked for again; that it is answered in the end is looked at when all is at rest.
  if (broker.causes.has(id) || (settle && unknown) || left.has(id)) return
  report(
    'acknowledged-after-it-is-published',
    `${type} ${id} is acknowledged, and has no reply`,
    header(record, 'sagaid'),
  )
}
