/**
 * What a duplicate is known by. Ours number their messages for the whole system, and a message without a source has
 * nothing but its id, so for those the id is all. Another's number is its own: two services that both begin at 1 are told
 * apart by where a message is from and what it is (CloudEvents: source and id together are unique). Pure.
 */
import { hash } from 'node:crypto'

/** How what we publish names its source: `/recourse/<aggregate type>`. */
export const OWN_SOURCE = '/recourse/'

/** Characters of an id that is kept as it is: a long foreign one would grow every item that remembers it. */
const ID_LENGTH_MAX = 160
/** Of SHA-256, in base64url: 132 bits, which nobody makes meet. */
const DIGEST_LENGTH = 22
const MARK = '@'
const DERIVED = new RegExp(`^${MARK}[\\w-]{${DIGEST_LENGTH}}:`)

/** What a message names itself by. `id` as its sender wrote it. */
export interface SaidOfItself {
  readonly id: string
  readonly type: string
  readonly source: string | undefined
}

/**
 * The same for the same message, and for no other: at most 184 characters. The digest is of all three in JSON, so that no
 * separator in one of them makes two messages one. The sender's id stands behind it, to be shown: `senderIdOf`.
 */
export function identityOf({ id, type, source }: SaidOfItself): string {
  if (source?.startsWith(OWN_SOURCE)) return boundedId(id)
  // Without a source nobody may take the place of what has one.
  if (source === undefined) return DERIVED.test(id) ? digestOf(id) : boundedId(id)
  const digest = hash('sha256', JSON.stringify([source, type, id]), 'base64url').slice(0, DIGEST_LENGTH)
  return `${MARK}${digest}:${boundedId(id)}`
}

/** The id as its sender wrote it (a very long one: its hash): for people, logs and `causationid`. */
export const senderIdOf = (identity: string): string => identity.replace(DERIVED, '')

/** Its hash serves as well. */
export const boundedId = (id: string) => (id.length <= ID_LENGTH_MAX ? id : digestOf(id))

const digestOf = (id: string) => `sha256:${hash('sha256', id)}`
