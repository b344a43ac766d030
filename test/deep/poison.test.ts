/** Thirty kinds of poison on every topic at once while 500 orders run: nothing is lost, nothing stops, all of it is listed. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { drained, produce, readAll } from '../support/broker-client.ts'
import { cliOf } from '../support/cli.ts'
import { type Garbage, garbageFor, type Topic, TYPES } from '../support/garbage.ts'
import type { EndedOrder, HttpClient, Operator } from '../support/http-client.ts'
import { giveUpAsLambda } from '../support/lambda-failure.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { allItems, type Items } from '../support/table-items.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { until } from '../support/until.ts'

const ORDERS = 500
const AT_ONCE = 20
const GIVEN_UP = 5
const BY_HAND = 8
const PRICE = 450
const STOCK = 10_000
const END_MS = 120_000
const topics = Object.keys(TYPES) as Topic[]

let system: System
let operator: Operator
let alice: HttpClient
beforeAll(async () => {
  system = await launch({ env: { SWEEP_SECONDS: '1' } })
  ;({ operator, alice } = await usersAfterScenarios(system))
  await operator.product('p-tea', STOCK, PRICE)
  await operator.product('p-none', 0, PRICE)
}, 180_000)
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

interface Letter {
  readonly id: string
  readonly topic: string
  readonly reason: string
  readonly error: string
  readonly key: string | null
  readonly status: string
}
async function letters(query = ''): Promise<Letter[]> {
  const all: Letter[] = []
  let cursor: string | undefined
  do {
    const path = `/dead-letters?limit=100${query}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
    const { status, body } = await operator.get(path)
    expect(status).toBe(200)
    all.push(...(body as { items: Letter[] }).items)
    cursor = (body as { cursor?: string }).cursor
  } while (cursor !== undefined)
  return all
}
const cli = (...args: string[]) => cliOf(system.url, ...args)

const kinds = ['tok_visa', 'tok_visa', 'tok_declined', 'tok_visa', 'none'] as const
const wanted = Array.from({ length: ORDERS }, (_, i) => kinds[i % kinds.length] ?? 'tok_visa')
const expected = {
  tok_visa: ['APPROVED', undefined],
  tok_declined: ['REJECTED', 'CARD_DECLINED'],
  none: ['REJECTED', 'OUT_OF_STOCK'],
}

async function placeAll(): Promise<string[]> {
  const ids: string[] = []
  let next = 0
  const client = async () => {
    for (let i = next++; i < ORDERS; i = next++) {
      const kind = wanted[i]
      ids[i] = await alice.place(
        kind === 'none' ? { 'p-none': 1 } : { 'p-tea': 1 },
        kind === 'none' ? 'tok_visa' : (kind ?? ''),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
  return ids
}
/** All but what the index of dead letters holds. */
const withoutLetters = (items: Items) =>
  Object.fromEntries(Object.entries(items).filter(([table]) => !table.includes('dead-letters')))

test(
  'every order ends right, every bad record is listed once with its reason, a redrive after the repair leads on, and twice is harmless',
  async () => {
    // Commands that Lambda gave up on, as their service was broken for long.
    await operator.pause('payment')
    const givenUp = await Promise.all(Array.from({ length: GIVEN_UP }, () => alice.place({ 'p-tea': 1 }, 'tok_visa')))
    const commands = await until('their commands', 30_000, async () => {
      const found = (await readAll(system.brokers, ['payments-commands'])).filter(({ key }) =>
        givenUp.includes(String(key)),
      )
      return found.length === GIVEN_UP && found
    })
    for (const command of commands) await giveUpAsLambda(system.brokers, 'payment', command)
    await operator.resume('payment')

    const poison = topics.flatMap(garbageFor)
    expect(poison).toHaveLength(topics.length * 30)
    // And some of it on the dead letters' own topics, where nobody says what is wrong with it.
    const byHand = topics.flatMap(topic => garbageFor(topic).slice(0, BY_HAND))
    const bad: Garbage[] = [...poison, ...byHand.map(record => ({ ...record, reason: 'NOT_SAID' }))]
    const deadLettered = byHand.map(record => ({ ...record, topic: `${record.topic}.dlq` }))
    const [orderIds] = await Promise.all([placeAll(), produce(system.brokers, [...poison, ...deadLettered])])
    const ended: EndedOrder[] = []
    for (const id of orderIds) ended.push(await alice.end(id, END_MS))
    expect(ended.map(({ status, reason }) => [status, reason])).toEqual(wanted.map(kind => expected[kind]))
    await drained(system.brokers, END_MS)

    const known = (letter: Pick<Letter, 'topic' | 'reason' | 'key'>) =>
      `${letter.topic} ${letter.reason} ${letter.key === null ? 'no key' : letter.key}`
    const listed = await until('all bad records to be listed', 60_000, async () => {
      const found = await letters('&status=WAITING')
      return found.length >= bad.length + GIVEN_UP && found
    })
    expect(
      listed
        .filter(({ reason }) => reason !== 'RETRY_ATTEMPTS_EXHAUSTED')
        .map(known)
        .sort(),
    ).toEqual(
      bad.map(({ topic, reason, key }) => known({ topic, reason, key: key === null ? null : String(key) })).sort(),
    )
    for (const { error, reason } of listed) expect(error, reason).toMatch(/./)

    const redrive = ['dead-letters', 'redrive', '--reason', 'repaired']
    const repaired = await cli(...redrive, '--topic', 'payments-commands', '--only-reason', 'RETRY_ATTEMPTS_EXHAUSTED')
    expect(repaired.stdout).toContain(`redriven: ${GIVEN_UP}`)
    for (const id of givenUp) expect(await alice.end(id, END_MS)).toMatchObject({ status: 'APPROVED' })
    await drained(system.brokers, END_MS)

    const approved = [...ended.filter(({ status }) => status === 'APPROVED').map(({ orderId }) => orderId), ...givenUp]
    expect(await operator.stockOf('p-tea')).toBe(STOCK - approved.length)
    const captured = (await operator.charges()).filter(
      ({ orderId, status }) => status === 'CAPTURED' && [...orderIds, ...givenUp].includes(orderId),
    )
    expect(captured.map(({ orderId }) => orderId).sort()).toEqual([...approved].sort())
    expect(new Set(captured.map(({ amount }) => amount))).toEqual(new Set([PRICE]))

    // All of it once more, and once more: what can't be handled is listed again, and nothing else has changed.
    const before = withoutLetters(await allItems(system.endpoint))
    const charges = await operator.charges()
    for (let round = 1; round <= 2; round++) {
      await cli(...redrive, '--all', '--rate', '1000')
      await drained(system.brokers, END_MS)
      await until('the letters of this round', 60_000, async () => {
        const waiting = await letters('&status=WAITING')
        return waiting.length === bad.length
      })
    }
    for (const { id } of (await letters('&topic=payments-commands')).filter(
      ({ reason }) => reason === 'RETRY_ATTEMPTS_EXHAUSTED',
    ))
      expect((await operator.post(`/dead-letters/${id}/redrive`, { reason: 'by mistake' })).status).toBe(202)
    await drained(system.brokers, END_MS)
    expect(withoutLetters(await allItems(system.endpoint))).toEqual(before)
    expect(await operator.charges()).toEqual(charges)
  },
  END_MS * 4,
)
