/** Where each message of a catalog is published. */
import type { Catalog, Domain } from './catalog.ts'
import type { MessageType } from '../model/messages.ts'
import { CONTROL_TOPIC, controlMessages } from '../saga/control-messages.ts'
import type { Member } from './wiring-members.ts'

/** A message, and its topic: one, or the catalog is wrong. None: only a platform function publishes it. */
export interface Place {
  readonly message: MessageType
  readonly topics: readonly string[]
}

/**
 * By type. A message belongs to the domain that answers for it: where an event is published, where a command is handled.
 * Another domain that handles the event reads it there; where no one of ours answers for it, it is where it is named.
 */
export function placesOf({ domains }: Catalog, members: readonly Member[]): ReadonlyMap<string, Place> {
  const known = new Map<string, { message: MessageType; domains: Set<Domain>; homes: Set<Domain> }>()
  const place = (message: MessageType, domain: Domain | undefined, home: boolean) => {
    const entry = known.get(message.type) ?? { message, domains: new Set(), homes: new Set() }
    known.set(message.type, entry)
    if (!domain) return
    entry.domains.add(domain)
    if (home) entry.homes.add(domain)
  }
  for (const { handles, publishes, couldPublish, domain } of members) {
    for (const message of handles) place(message, domain, message.kind === 'command')
    for (const message of [...publishes, ...couldPublish]) place(message, domain, message.kind === 'event')
  }
  for (const domain of domains) for (const end of domain.ends ?? []) place(end, domain, true)

  const control = new Set<string>(controlMessages.map(message => message.type))
  return new Map(
    [...known].map(([type, { message, domains, homes }]) => {
      const answering = homes.size > 0 ? homes : domains
      const topics = control.has(type) ? [CONTROL_TOPIC] : [...answering].map(domain => domain.topicOf(message))
      return [type, { message, topics: [...new Set(topics)] }]
    }),
  )
}
