/** Where each message of a catalog is said. */
import type { Catalog, Domain } from '../catalog.ts'
import type { Message } from './contract.ts'
import { CONTROL_TOPIC, controlMessages } from './control.ts'
import type { Member } from './wiring-members.ts'

/** A message, and its topic: one, or the catalog is wrong. None: only a platform function says it. */
export interface Place {
  readonly message: Message
  readonly topics: readonly string[]
}

/**
 * By type. A message belongs to the domain that answers for it: where an event is said, where a command is heard.
 * Another domain that hears the event hears it there; where no one of ours answers for it, it is where it is spoken of.
 */
export function placesOf({ domains }: Catalog, members: readonly Member[]): ReadonlyMap<string, Place> {
  const spoken = new Map<string, { message: Message; domains: Set<Domain>; homes: Set<Domain> }>()
  const speak = (message: Message, domain: Domain | undefined, home: boolean) => {
    const entry = spoken.get(message.type) ?? { message, domains: new Set(), homes: new Set() }
    spoken.set(message.type, entry)
    if (!domain) return
    entry.domains.add(domain)
    if (home) entry.homes.add(domain)
  }
  for (const { hears, says, couldSay, domain } of members) {
    for (const message of hears) speak(message, domain, message.kind === 'command')
    for (const message of [...says, ...couldSay]) speak(message, domain, message.kind === 'event')
  }
  for (const domain of domains) for (const end of domain.ends ?? []) speak(end, domain, true)

  const control = new Set<string>(controlMessages.map(message => message.type))
  return new Map(
    [...spoken].map(([type, { message, domains, homes }]) => {
      const answering = homes.size > 0 ? homes : domains
      const topics = control.has(type) ? [CONTROL_TOPIC] : [...answering].map(domain => domain.topicOf(message))
      return [type, { message, topics: [...new Set(topics)] }]
    }),
  )
}
