/** Quoting in a simulated world, in each of its wirings: customers, quotes of every kind, claims of others, and what must hold. */
import type { AnyAggregate } from '#engine/model/aggregate.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { appendOf, eventOf } from '#engine/event-store/event-sourced-aggregate.ts'
import { messageIdOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { readWholeStream } from '#engine/event-store/read-stream.ts'
import { CONTROL_TOPIC } from '#engine/saga/control-messages.ts'
import { type TopicOf, topicPerAggregate, topicPerKind } from '#engine/delivery/topics.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { streamOrchestrator } from '#engine/event-store/stream-orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { Item } from '#engine/model/ports.ts'
import type { Quoting } from '../../lambdas/quoting.ts'
import { quotingSaga } from '../../lambdas/sagas/quoting/saga.ts'
import { customersTable, customerUpdatesTable } from '../../lambdas/services/customer/tables.ts'
import { customerIn } from '../../lambdas/services/customer/wirings.ts'
import { policiesTable, policyCountsTable } from '../../lambdas/services/policy/tables.ts'
import { policyIn } from '../../lambdas/services/policy/wirings.ts'
import { messageOf, quoteEvents, quoteEventStore, quoteEventsTable } from '../../lambdas/services/quote/events.ts'
import { deadMessages } from '../../lambdas/platform/dead-letters/dead-letter-item.ts'
import { republishQuotes } from '../../lambdas/services/quote/republish-approved.ts'
import { differences, present, rebuild } from '../../lambdas/services/quote/replay.ts'
import { approve, draft, type Quote } from '../../lambdas/services/quote/rules.ts'
import { quotesTable } from '../../lambdas/services/quote/tables.ts'
import { quoteIn } from '../../lambdas/services/quote/wirings.ts'
import { beginnings, choreographed, inOrder } from './quote-decisions.ts'
import type { Domain, Play, Scenario, Report } from './domain.ts'
import { type Random, seedFrom } from './random.ts'
import type { World } from './world.ts'

const CUSTOMERS = ['c0', 'c1']
/** Nobody knows this customer at first, and in some runs for ever. */
const LATECOMER = 'nobody'
/** Ids are any text: some that look like others, or like something else. */
const ID_LOOKALIKES = ['q1', 'q1.1', 'quote:q1', 'cmd:q1', '__proto__', 'quoting:q1', '$&']
const FINAL = ['COMPLETED', 'REJECTED']
const PREMIUM = 100
/** Moves after which others claim something of a quote, at most. */
const CLAIMED_WITHIN = 600
const TAKEN_BACK_WITHIN = 1500

export const quotes = (quoting: Quoting): Scenario => ({
  name: `quotes, ${quoting}`,
  domain: () => quoteDomain(quoting),
  play: (world, domain) => playQuotes(world, domain, quoting),
  without: ['provider'],
})

/** The consumers of quoting in a wiring. Others are put in their place to see that they are missed. */
export function quoteDomain(quoting: Quoting): Domain {
  const quote = quoteIn(quoting)
  const isEventSourced = quoting === 'event-sourcing'
  const topicOf: TopicOf = message =>
    message.about === 'saga' ? CONTROL_TOPIC : (quoting === 'choreography' ? topicPerAggregate : topicPerKind)(message)
  const saga: AnyAggregate = isEventSourced
    ? streamOrchestrator({ store: quoteEventStore, events: quoteEvents, messageOf }, quotingSaga)
    : orchestrator(quotingSaga)
  return {
    tables: [
      quotesTable,
      policiesTable,
      policyCountsTable,
      customersTable,
      customerUpdatesTable,
      quoteEventsTable,
      sagasTable,
    ],
    topicOf,
    consumers: [
      { name: 'quote', aggregate: quote },
      { name: 'policy', aggregate: policyIn(quoting, { premiumMax: 10_000 }) },
      { name: 'customer', aggregate: customerIn(quoting) },
      ...(quoting === 'choreography' ? [] : [{ name: 'quoting-saga', aggregate: saga }]),
    ],
    relayed: isEventSourced ? [] : [quote],
    sagas: quoting === 'choreography' ? [] : [quotingSaga],
    begins: new Set(['QuoteApproved']),
    also: ports =>
      createRepublisher({
        ...ports,
        pending: {
          aggregate: quote,
          republish: republishQuotes,
          sagas: quoting === 'choreography' ? [] : [quotingSaga.name],
          byEventStore: isEventSourced,
        },
        findDead: messages => deadMessages(ports.store, messages),
      }).sweep(),
    ...(isEventSourced && { eventStore: { table: quoteEventsTable.name, drives: 'quoting-saga' } }),
    answersWithOneId: true,
    final: { quotes: FINAL, policies: ['CANCELLED'], 'customer-updates': ['UNCOUNTED'] },
    ...(!isEventSourced && { decided: quoting === 'choreography' ? choreographed : beginnings }),
  }
}

/** A policy of a quote that nobody here has heard of. */
const issuedElsewhere = (quoteID: string) => ({
  eventID: `claim-4-${quoteID}`,
  policyID: `policy-of-others-${quoteID}`,
  quoteID: `elsewhere-${quoteID}`,
  eventType: 'PolicyCreated',
  data: { quoteID: `elsewhere-${quoteID}`, customerId: CUSTOMERS[0], policyCount: 7 },
})

/** A customer's number comes from elsewhere, and belongs to no quote. */
const numberToSet = (quoteID: string) => ({
  commandID: `claim-5-${quoteID}`,
  quoteID: undefined,
  customerId: CUSTOMERS[1],
  commandType: 'UpdateCustomerPolicyCount',
  data: { policyCount: quoteID.length },
})

async function playQuotes(world: World, domain: Domain, quoting: Quoting): Promise<Play> {
  const { store, broker, faults } = world
  const isEventSourced = quoting === 'event-sourcing'
  const quote = quoteIn(quoting)
  const made = new Set<string>()
  const makeCustomer = (customerId: string) => {
    made.add(customerId)
    return store.commit([
      {
        ref: { table: 'customers', key: { customerId } },
        previous: undefined,
        item: { customerId, name: customerId, policyCount: 0, version: 1 },
      },
    ])
  }
  for (const customerId of CUSTOMERS) await makeCustomer(customerId)
  const claimed = new Set<string>()
  /** Quotes of others, of which nothing was heard before their policy. */
  const issued = new Set<string>()
  /** How many customers' numbers each service of others has set. */
  const numbersSet = new Map<string, number>()

  return {
    idOf: i => ID_LOOKALIKES[i] ?? `q${i}`,
    begin,
    isOver(ids) {
      const quotes = store.items('quotes')
      const sagas = store.items('sagas').filter(({ status }) => status !== undefined)
      return (
        quotes.length >= ids.length &&
        quotes.every(({ status }) => FINAL.includes(String(status))) &&
        sagas.every(({ status }) => status === 'COMPLETED' || status === 'ABORTED')
      )
    },
    always({ table, before, after }, report) {
      // One transaction: the number and what is counted never differ.
      if (table === 'customer-updates') counts(report)
      // One that changes nothing may as well have come before.
      if (after['status'] === 'SET' && after['change'] !== 0 && before?.['status'] !== 'SET') numberIsSet(after, report)
      if (table === 'policies') policyCounts(report)
    },
    async atRest(ids, report) {
      for (const id of [...ids, ...issued]) await ofQuote(id, report)
      counts(report)
      policyCounts(report)
      numbersAreSet(report)
      if (isEventSourced) streams(report)
    },
  }

  async function begin(quoteID: string, random: Random): Promise<void> {
    const customerId = random.chance(0.15) ? LATECOMER : random.pick(CUSTOMERS)
    const premium = random.chance(0.15) ? -1 : PREMIUM
    const now = world.clock.now()
    claims(quoteID)
    if (customerId === LATECOMER) comesLate(quoteID)
    isTakenBack(quoteID, customerId)
    if (random.chance(0.1)) {
      const value = { eventID: `theirs-${quoteID}`, quoteID, eventType: 'QuoteApproved', data: { premium, customerId } }
      return say('quote', 'event', value)
    }
    const state = draft({ customerId, premium }, { owner: 'alice', now })
    await commitFromHttp({ store: world.api, aggregate: quote, key: quoteID, state, publish: [], now })
    await approveOf(quoteID)
  }

  /** As the API does it. */
  async function approveOf(quoteID: string) {
    const [item] = await store.read([{ table: 'quotes', key: { quoteID } }])
    if (!item) return
    const { state, version } = unpackItem<Quote>(item)
    if (state.approvedAt !== undefined || (state.status !== 'DRAFT' && state.status !== 'APPROVED')) return
    const now = world.clock.now()
    const approvalId = messageIdOf(quote, quoteID, version + 1, 0)
    const { state: approved, publish } = approve(state, { now, approvalId })
    const stream = isEventSourced ? await readWholeStream(store, quoteEventsTable, quoteID) : []
    const event = (outgoing: (typeof publish)[number]) =>
      appendOf(
        quoteEventStore,
        { stream: quoteID, sequenceNumber: stream.length + 1, at: now },
        eventOf(quoteEventStore, outgoing.message, { eventID: approvalId, body: outgoing.body }),
      )
    const alongside = isEventSourced ? publish.map(event) : []
    const commit = { state: approved, publish: isEventSourced ? [] : publish, alongside, previous: item, now }
    world.trace(`${quoteID} is approved: ${state.premium} for ${state.customerId}`)
    await commitFromHttp({ store: world.api, aggregate: quote, key: quoteID, ...commit })
  }

  function say(about: string, kind: 'command' | 'event', value: object, as?: { commandID: string; source: string }) {
    const bytes = Buffer.from(JSON.stringify({ ...value, ...(as && { commandID: as.commandID }) }))
    world.trace(`somebody${as ? ` (${as.source})` : ''} publishes ${bytes.toString()}`)
    const topic = domain.topicOf({ about, kind })
    const headers = as ? [{ name: 'ce_source', value: Buffer.from(as.source) }] : []
    broker.append({ topic, key: null, value: bytes, headers }, seedFrom(0, JSON.stringify(value)) % 2)
  }

  /** Two services of others, each of which counts its commands from 1: the same number of both is two commands. */
  function setNumber(value: ReturnType<typeof numberToSet>) {
    const source = seedFrom(0, value.commandID) % 2 === 0 ? '/counters/north' : '/counters/south'
    const n = (numbersSet.get(source) ?? 0) + 1
    numbersSet.set(source, n)
    say('customer', 'command', value, { commandID: String(n), source })
  }

  /** Each is set once, in an item of its own; what others repeat under ids of their own beside it. */
  function numbersAreSet(report: Report) {
    const found = store
      .items('customer-updates')
      .filter(({ updateId, quoteID }) => quoteID === undefined && !/foreign-\d+$/.test(String(updateId))).length
    const outgoing = [...numbersSet.values()].reduce((sum, n) => sum + n, 0)
    if (found !== outgoing) report('every-number-is-set', `${outgoing} numbers came from elsewhere, ${found} were set`)
  }

  /** A customer who was unknown to a quote may be made later. */
  function comesLate(quoteID: string) {
    const x = faults.at('claim', `${quoteID}: its customer is made`)
    if (x !== undefined) world.later(1 + Math.floor(x * CLAIMED_WITHIN), () => makeCustomer(LATECOMER))
  }

  /** Others take back what does not count: a command that no saga has sent, also after the saga's end. */
  function isTakenBack(quoteID: string, customerId: string) {
    const x = faults.at('claim', `${quoteID}: RevertCustomerPolicyCount`)
    if (x === undefined) return
    const value = { commandID: `claim-6-${quoteID}`, customerId, quoteID, commandType: 'RevertCustomerPolicyCount' }
    world.later(1 + Math.floor(x * TAKEN_BACK_WITHIN), () => {
      const isRejected = store.items('quotes').some(row => row['quoteID'] === quoteID && row['status'] === 'REJECTED')
      if (isRejected) say('customer', 'command', { ...value, data: { reason: 'they say so' } })
    })
  }

  /** Others say that a quote is rejected, or that its policy could not be made, or ask for it: some time after it began. */
  function claims(quoteID: string) {
    const data = { reason: 'they say so' }
    for (const [about, kind, value] of [
      ['quote', 'event', { eventID: `claim-1-${quoteID}`, quoteID, eventType: 'QuoteRejected', data }],
      ['quote', 'command', { commandID: `claim-2-${quoteID}`, quoteID, commandType: 'RejectQuote', data }],
      ['policy', 'event', { eventID: `claim-3-${quoteID}`, quoteID, eventType: 'PolicyCreationFailed', data }],
      // In choreography nobody keeps the time of a quote that was never approved: what an operator throws away is gone.
      ...(quoting === 'choreography' ? [] : [['policy', 'event', issuedElsewhere(quoteID)] as const]),
      ['customer', 'command', numberToSet(quoteID)],
    ] as const) {
      const x = faults.at('claim', `${quoteID}: ${'eventType' in value ? value.eventType : value.commandType}`)
      if (x === undefined) continue
      if (value.quoteID === quoteID) claimed.add(quoteID)
      else if (value.quoteID !== undefined) issued.add(value.quoteID)
      world.later(1 + Math.floor(x * CLAIMED_WITHIN), () =>
        value.quoteID === undefined ? setNumber(value) : say(about, kind, value),
      )
    }
  }

  async function ofQuote(quoteID: string, report: Report) {
    const [row, policy, update, of] = await store.read([
      { table: 'quotes', key: { quoteID } },
      { table: 'policies', key: { quoteID } },
      { table: 'customer-updates', key: { updateId: quoteID } },
      { table: 'sagas', key: { sagaKey: `quoting:${quoteID}` } },
    ])
    const status = String(row?.['status'])
    if (!FINAL.includes(status)) return report('quote-ends', `${quoteID} is ${status}`, quoteID)
    const completed = status === 'COMPLETED'
    const isTheirs = issued.has(quoteID)
    if (!isTheirs && (policy?.['status'] === 'ACTIVE') !== completed)
      report('policy-agrees', `${quoteID} is ${status}, its policy ${String(policy?.['status'])}`, quoteID)
    if ((update?.['status'] === 'COUNTED') !== completed)
      report('count-agrees', `${quoteID} is ${status}, its count ${String(update?.['status'])}`, quoteID)
    if (completed && !isTheirs && row?.['policyID'] !== policy?.['policyID'])
      report('policy-agrees', `${quoteID} names another policy`, quoteID)
    const saga = of?.['status']
    if (saga !== undefined && saga !== (completed ? 'COMPLETED' : 'ABORTED'))
      report('quote-agrees-with-saga', `${quoteID} is ${status}, its saga ${String(saga)}`, quoteID)
    const isFine =
      !claimed.has(quoteID) &&
      !world.guessedAt.has(quoteID) &&
      row?.['premium'] === PREMIUM &&
      row['customerId'] !== LATECOMER
    if (isFine && row['reason'] !== undefined && !['TIMED_OUT', 'ABORTED'].includes(String(row['reason'])))
      report('rejected-with-reason', `${quoteID} is REJECTED for ${String(row['reason'])}`, quoteID)
  }

  /** A customer's number is how many quotes count, and what numbers from elsewhere have changed. */
  function counts(report: Report) {
    const counted = new Map<unknown, number>()
    for (const { status, customerId, change } of store.items('customer-updates')) {
      const by = status === 'COUNTED' ? 1 : status === 'SET' ? Number(change) : 0
      counted.set(customerId, (counted.get(customerId) ?? 0) + by)
    }
    for (const { customerId, policyCount } of store.items('customers')) {
      if (!made.has(String(customerId)))
        report('customers-are-made', `nobody has made ${String(customerId)}, and there is such a customer`)
      if (policyCount !== (counted.get(customerId) ?? 0))
        report(
          'count-conserved',
          `${String(customerId)} has ${String(policyCount)} policies, ${counted.get(customerId) ?? 0} are counted`,
        )
    }
  }

  function numberIsSet({ customerId, policyCount }: Item, report: Report) {
    const customer = store.items('customers').find(item => item['customerId'] === customerId)
    if (customer?.['policyCount'] !== policyCount)
      report(
        'numbers-are-set',
        `${String(customerId)} was set to ${String(policyCount)}, and has ${String(customer?.['policyCount'])}`,
      )
  }

  function policyCounts(report: Report) {
    const active = new Map<unknown, number>()
    for (const { status, customerId } of store.items('policies'))
      if (status === 'ACTIVE') active.set(customerId, (active.get(customerId) ?? 0) + 1)
    for (const { customerId, policyCount } of store.items('policy-counts'))
      if (policyCount !== (active.get(customerId) ?? 0))
        report(
          'count-conserved',
          `policy-counts of ${String(customerId)}: ${String(policyCount)}, ${active.get(customerId) ?? 0} are active`,
        )
  }

  /**
   * Each stream is whole, is published on its topic up to its last event that triggered, and everything can be made again of it.
   * What comes after that was lost by the feed for good, and nobody waits for it: its saga has ended, or never began.
   */
  function streams(report: Report) {
    const silentIds = new Set([...world.silent].map(({ eventID }) => String(eventID)))
    const events = store.items('quote-events').sort((a, b) => Number(a['sequenceNumber']) - Number(b['sequenceNumber']))
    for (const [id, stream] of Map.groupBy(events, ({ quoteID }) => String(quoteID)))
      if (!stream.every((event, i) => event['sequenceNumber'] === i + 1))
        report('stream-has-no-gap', `the stream of ${id} has a gap`, id)
    for (const stream of Map.groupBy(events, ({ quoteID }) => String(quoteID)).values()) {
      inOrder(stream, report)
      const triggered = stream.findLastIndex(event => !silentIds.has(String(event['eventID'])))
      for (const { eventID, eventType, quoteID, takenIn } of stream.slice(0, triggered + 1))
        if (takenIn !== true && !broker.ids.has(String(eventID)))
          report(
            'nothing-unpublished',
            `${String(eventType)} ${String(eventID)} is stored and was never published`,
            String(quoteID),
          )
    }
    const tables = {
      quotes: store.items('quotes'),
      policies: store.items('policies'),
      'customer-updates': store.items('customer-updates'),
      customers: store.items('customers'),
    }
    const rebuilt = rebuild(events, {
      quotes: tables.quotes,
      customers: tables.customers,
      updates: tables['customer-updates'],
    })
    for (const difference of differences(rebuilt, present(tables))) report('rebuilt-agrees', JSON.stringify(difference))
  }
}
