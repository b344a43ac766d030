/** Outages that last longer than every attempt of a step: what was not decided is undone, and nobody is charged for nothing. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { drained } from '../support/broker-client.ts'
import type { HttpClient, Operator } from '../support/http-client.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { until } from '../support/until.ts'

/** Three attempts of a minute, and some: the saga has given the step up by then. */
const OUTAGE_MS = 4 * 60_000
const ORDERS = 20

let system: System
let operator: Operator
let alice: HttpClient
beforeAll(async () => {
  system = await launch({ env: { SWEEP_SECONDS: '1' } })
  ;({ operator, alice } = await usersAfterScenarios(system))
}, 180_000)
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

const place = (product: string) =>
  Promise.all(Array.from({ length: ORDERS }, () => alice.place({ [product]: 1 }, 'tok_visa')))
const sagasOf = async (orderIds: readonly string[]) =>
  Promise.all(
    orderIds.map(async id => (await operator.get(`/sagas/order/${id}`)).body as { status: string; step: string }),
  )
/** Until every saga has given the step up. */
const givenUp = (orderIds: readonly string[]) =>
  until('every saga to give up', OUTAGE_MS, async () =>
    (await sagasOf(orderIds)).every(({ status }) => status === 'COMPENSATING'),
  )
/** Every order has ended, for one reason; stock is what it was, and no charge stands. */
async function endedWhole(orderIds: readonly string[], product: string, stock: number) {
  const ended = await Promise.all(orderIds.map(id => alice.end(id, 120_000)))
  await drained(system.brokers, 60_000)
  for (const { orderId, status, reason } of ended)
    expect({ orderId, status, reason }).toEqual({ orderId, status: 'REJECTED', reason: 'TIMED_OUT' })
  const charges = (await operator.charges()).filter(({ orderId }) => orderIds.includes(orderId))
  expect(charges.filter(({ status }) => status === 'CAPTURED')).toEqual([])
  expect(await operator.stockOf(product)).toBe(stock)
}

/** A mode of the provider, and orders that it does not answer. */
async function providerIs(mode: 'down' | 'hang') {
  const product = `outage-${mode}`
  await operator.product(product, 100, 450)
  await operator.post('/sandbox/provider', { mode })
  const orderIds = await place(product)
  await until('every order to be at its payment', OUTAGE_MS, async () =>
    (await sagasOf(orderIds)).every(({ step }) => step === 'pay'),
  )
  return { orderIds, product }
}

test(
  'a payment provider that is down for longer than every attempt, and then a product service that does not answer: every order is rejected, its stock given back, no charge stands',
  async () => {
    const unpaid = await providerIs('down')
    // Who waits for the provider needs no product before it gives up.
    await operator.product('outage-product', 100, 450)
    await operator.pause('product')
    const unreserved = await place('outage-product')
    await givenUp([...unpaid.orderIds, ...unreserved])
    await operator.post('/sandbox/provider', { mode: 'up' })
    await operator.resume('product')
    await endedWhole(unpaid.orderIds, unpaid.product, 100)
    await endedWhole(unreserved, 'outage-product', 100)
  },
  OUTAGE_MS * 2,
)

test(
  'a payment provider that hangs for longer than every attempt: every order is rejected, its stock given back, no charge stands',
  async () => {
    const { orderIds, product } = await providerIs('hang')
    await givenUp(orderIds)
    await operator.post('/sandbox/provider', { mode: 'up' })
    await endedWhole(orderIds, product, 100)
  },
  OUTAGE_MS * 2,
)
