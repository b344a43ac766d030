/** Many at once, of our own users and of others, so that what can go in one call does. */
import { unusedOf } from '../../../localstack/runtime/permissions/uses.ts'
import type { Permission } from '../../../localstack/runtime/template/permissions.ts'
import { drained, type Produced } from '../../support/broker-client.ts'
import { together, type World } from './world.ts'

const MANY = 24
/** Times that many come at once, at most: which of them go in one call is a matter of chance. */
const ROUNDS_MAX = 5

/** Orders and quotes of every kind, until there were some of each in one call. */
export async function atOnce(world: World) {
  const isLeft = () => [...unusedOf(world.granted, world.uses).values()].flat().some(isOfStatements)
  for (let round = 1; round <= ROUNDS_MAX && (round === 1 || isLeft()); round += 1) await oneRound(world, round)
}
const isOfStatements = ({ action }: Permission) => action.startsWith('dynamodb:PartiQL')

/** Each kind once in a few. */
async function oneRound(world: World, round: number) {
  const { alice, operator, brokers } = world
  const name = (i: number) => `many-${round}-${i}`
  await operator.product(name(0), 10_000, 350)
  await operator.post('/customers', { customerId: name(0), name: name(0) })
  const place = (i: number) =>
    alice.place({ [i % 4 === 0 ? 'nobody-has-it' : name(0)]: 1 }, i % 4 === 1 ? 'tok_declined' : 'tok_visa')
  const approve = async (i: number) => {
    const premium = i % 3 === 0 ? -1 : 100
    await alice.post('/quotes', { quoteID: name(i), premium, customerId: i % 3 === 1 ? 'nobody' : name(0) })
    await alice.post(`/quotes/${name(i)}/approve`, {})
  }
  await Promise.all(Array.from({ length: MANY }, (_, i) => [place(i), approve(i)]).flat())
  await drained(brokers)
}

/** What others may say of orders and quotes that nobody here has made; of other ones for each consumer, as they know of each other. */
export async function ofOthers(world: World) {
  const { quoting, operator } = world
  const on = (about: string) => (quoting === 'choreography' ? about : 'saga-commands')
  const say = (
    consumer: string,
    topic: string,
    commandType: string,
    more: (id: string) => object,
    count = MANY,
    set = '',
  ) =>
    together(
      world,
      consumer,
      Array.from({ length: count }, (_, i): Produced => {
        const id = `others-${consumer}-${i}`
        const message = { commandID: `${set}${commandType}-${id}`, commandType, ...more(id) }
        return { topic, key: id, value: JSON.stringify(message) }
      }),
    )
  const reason = 'elsewhere'
  const ofQuote = (data: object) => (quoteID: string) => ({ quoteID, data })
  const ofCustomer = (data: object) => (quoteID: string) => ({ customerId: 'nobody', data: { quoteID, ...data } })
  const set = (customerId: string, policyCount: number) => () => ({ customerId, data: { policyCount } })

  await say('order', 'orders-commands', 'OrderRejectCommand', orderId => ({ orderId, data: { reason } }))
  await say('quote', on('quotes'), 'RejectQuote', ofQuote({ reason }))
  await say('policy', on('policies'), 'CreatePolicy', ofQuote({ premium: -1, customerId: 'nobody' }))
  await say('policy', on('policies'), 'CancelPolicy', ofQuote({ reason }))
  await say('customer', on('customers'), 'UpdateCustomerPolicyCount', ofCustomer({}))
  await say('customer', on('customers'), 'RevertCustomerPolicyCount', ofCustomer({ reason }))
  await operator.post('/customers', { customerId: 'elsewhere', name: 'Elsewhere' })
  await say('customer', on('customers'), 'UpdateCustomerPolicyCount', set('elsewhere', 1), 1, 'set-')
  await say('customer', on('customers'), 'UpdateCustomerPolicyCount', set('nobody', 1), MANY, 'set-nobody-')
}
