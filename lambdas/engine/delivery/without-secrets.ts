/**
 * A text that somebody else wrote may quote what it was given: what looks like a secret is left out of logs and of what a
 * dead letter says. Our own texts never quote values, and this is not what they rely on. Pure.
 */
export const LEFT_OUT = '[left out]'
/** What every secret has in it: most texts are ids, and have none of it. */
const SUSPECT = /eyJ|bearer|tok_|\d{4}[ -]?\d{4}/i
const SECRETS = [
  // A JWT, whole or only its header and claims.
  /eyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g,
  /\bBearer +[\w.~+/=-]+/gi,
  // A payment token, and the number of a card.
  /\btok_[\w-]+/g,
  /\b(\d{15,19}|\d{4}([ -]\d{4}){3})\b/g,
]

export const withoutSecrets = (text: string): string =>
  SUSPECT.test(text) ? SECRETS.reduce((left, secret) => left.replaceAll(secret, LEFT_OUT), text) : text

/** Fields that hold a secret whatever is in them, in lower case. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set(['authorization', 'password', 'paymentmethod', 'token'])

/** Data for people, as JSON has it: without what is in such fields, and without what looks like a secret. */
export const dataWithoutSecrets = (data: unknown): unknown =>
  JSON.parse(JSON.stringify(data, (name, value: unknown) => shownOf(name, value)))

function shownOf(name: string, value: unknown): unknown {
  if (SECRET_FIELDS.has(name.toLowerCase())) return LEFT_OUT
  return typeof value === 'string' ? withoutSecrets(value) : value
}
