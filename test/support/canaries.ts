/** What customers entrust to us, made so that it is found wherever it comes out. */
export const CANARIES = {
  /** A payment token, as long as an order may name one. */
  card: 'tok_canary5eecb9d1',
  /** The number of a card, where somebody put it by mistake. */
  number: '4929123412341234',
  /** A customer's name. */
  name: 'Canary Customerson',
  /** Who a customer is: a token's `sub`. */
  sub: 'sub-canary-77aa1',
  /** A token, as it is sent. */
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ',
} as const

/** Those of `canaries` that are in a text, also without their case, in base64 or with their half. */
export function canariesIn(text: string, canaries: Readonly<Record<string, string>> = CANARIES): string[] {
  const seen = text.toLowerCase()
  return Object.entries(canaries).flatMap(([what, canary]) => {
    const forms = [canary, canary.slice(0, 12), Buffer.from(canary).toString('base64').slice(0, 14)]
    const at = forms.map(form => seen.indexOf(form.toLowerCase())).find(found => found >= 0)
    return at === undefined ? [] : [`${what}: …${text.slice(Math.max(0, at - 80), at + 60)}…`]
  })
}
