/** Quoting in a simulated world, in each of its wirings: customers, quotes of every kind, claims of others, and what must hold at the end. */
import type { AnyAggregate } from '#shared/aggregate.ts'
import { commitFromHttp } from '#shared/messaging/http-commit.ts'
import { appendOf, eventOf } from '#shared/messaging/event-sourced.ts'
import { messageIdOf, unpackItem } from '#shared/messaging/item.ts'
import { readWholeStream } from '#shared/messaging/stream.ts'
import { CONTROL_TOPIC } from '#shared/messaging/control.ts'
import { type TopicOf, topicPerAggregate, topicPerKind } from '#shared/messaging/topics.ts'
import { orchestrator } from '#shared/saga/decide.ts'
import { streamOrchestrator } from '#shared/saga/stream-driven.ts'
import { sagasTable } from '#shared/saga/tables.ts'
import type { Quoting } from '../../lambdas/quoting.ts'
import { quotingSaga } from '../../lambdas/sagas/quoting/saga.ts'
import { customersTable, customerUpdatesTable } from '../../lambdas/services/customer/tables.ts'
import { customerIn } from '../../lambdas/services/customer/wirings.ts'
import { policiesTable, policyCountsTable } from '../../lambdas/services/policy/tables.ts'
import { policyIn } from '../../lambdas/services/policy/wirings.ts'
import { heardOf, quoteEvents, quoteEventStore, quoteEventsTable } from '../../lambdas/services/quote/events.ts'
import { createReminder } from '../../lambdas/services/quote/remind.ts'
import { differences, present, rebuild } from '../../lambdas/services/quote/replay.ts'
import { approve, draft, type Quote } from '../../lambdas/services/quote/rules.ts'
import { quotesTable } from '../../lambdas/services/quote/tables.ts'
import { quoteIn } from '../../lambdas/services/quote/wirings.ts'
import type { Random } from './random.ts'
import { createWorld, type Domain, weatherOf } from './world.ts'

const CUSTOMERS = ['c0', 'c1']
/** Ids are any text: some that look like others, or like something else. */
const ID_LOOKALIKES = ['q1', 'q1.1', 'quote:q1', 'cmd:q1', '__proto__', 'quoting:q1', '$&']
const idOf = (i: number) => ID_LOOKALIKES[i] ?? `q${i}`
/** Seconds. */
const LATE = 90
const MESSAGES_A_QUOTE_MAX = 600
const ITEM_BYTES_MAX = 8_000

export interface QuoteRun {
  readonly quoting: Quoting
  readonly quotes: number
  /** Moves of the world before fair weather returns. */
  readonly moves: number
  /** How late a sweep is at most: seconds. Default: 90. */
  readonly late?: number
  readonly trace?: (line: string) => void
}

/** Runs it; the list of what does not hold, empty when all is well. */
export async function runQuotes(random: Random, run: QuoteRun): Promise<string[]> {
  const { quoting } = run
  const quote = quoteIn(quoting)
  const isEventSourced = quoting === 'event-sourcing'
  const topicOf: TopicOf = message =>
    message.about === 'saga' ? CONTROL_TOPIC : (quoting === 'choreography' ? topicPerAggregate : topicPerKind)(message)
  const saga: AnyAggregate = isEventSourced
    ? streamOrchestrator({ store: quoteEventStore, events: quoteEvents, heardOf }, quotingSaga)
    : orchestrator(quotingSaga)
  const domain: Domain = {
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
    sagas: quoting === 'choreography' ? [] : ['quoting'],
    begins: new Set(['QuoteApproved']),
    also: ports => createReminder({ ...ports, quoting, saga: 'quoting' }).remind(),
    ...(isEventSourced && { eventStore: { table: quoteEventsTable.name, drives: 'quoting-saga' } }),
  }
  const world = createWorld(domain, random, run.trace ? { trace: run.trace } : {})
  const { store } = world
  const asHttp = {
    ...store,
    async commit(commits: Parameters<typeof store.commit>[0]) {
      const results = await store.commit(commits)
      for (const [i, result] of results.entries()) {
        const commit = commits[i]
        if (result.outcome === 'committed' && commit) world.remember(commit)
      }
      return results
    },
  }
  for (const customerId of CUSTOMERS)
    await store.commit([
      {
        ref: { table: 'customers', key: { customerId } },
        previous: undefined,
        item: { customerId, name: customerId, policyCount: 0, version: 1 },
      },
    ])

  const claimed = new Set<string>()
  const make = async (quoteID: string) => {
    const customerId = random.chance(0.15) ? 'nobody' : random.pick(CUSTOMERS)
    const premium = random.chance(0.15) ? -1 : 100
    const now = world.time()
    if (random.chance(0.1)) {
      const value = { eventID: `theirs-${quoteID}`, quoteID, eventType: 'QuoteApproved', data: { premium, customerId } }
      say('quote', 'event', value)
      return
    }
    const state = draft({ customerId, premium }, { owner: 'alice', now })
    await commitFromHttp({ store: asHttp, aggregate: quote, key: quoteID, state, send: [], now })
    await approveOf(quoteID)
  }
  /** As the API does it. */
  const approveOf = async (quoteID: string) => {
    const [item] = await store.read([{ table: 'quotes', key: { quoteID } }])
    if (!item) return
    const { state, version } = unpackItem<Quote>(item)
    if (state.approvedAt !== undefined || (state.status !== 'DRAFT' && state.status !== 'APPROVED')) return
    const now = world.time()
    const approvalId = messageIdOf(quote, quoteID, version + 1, 0)
    const { state: approved, send } = approve(state, { now, approvalId })
    const stream = isEventSourced ? await readWholeStream(store, quoteEventsTable, quoteID) : []
    const event = (said: (typeof send)[number]) =>
      appendOf(
        quoteEventStore,
        { stream: quoteID, sequenceNumber: stream.length + 1, at: now },
        eventOf(quoteEventStore, said.message, { eventID: approvalId, body: said.body }),
      )
    const alongside = isEventSourced ? send.map(event) : []
    const commit = { state: approved, send: isEventSourced ? [] : send, alongside, previous: item, now }
    await commitFromHttp({ store: asHttp, aggregate: quote, key: quoteID, ...commit })
    world.trace(`${quoteID} is approved: ${state.premium} for ${state.customerId}`)
  }
  const say = (about: string, kind: 'command' | 'event', value: object) => {
    const bytes = Buffer.from(JSON.stringify(value))
    world.trace(`somebody says ${bytes.toString()}`)
    world.broker.append({ topic: topicOf({ about, kind }), key: null, value: bytes, headers: [] }, random.below(2))
  }
  let claims = 0
  /** Others say that a quote is rejected, or that its policy could not be made, or ask for it. */
  const claim = (quoteID: string) => {
    claimed.add(quoteID)
    const id = `claim-${++claims}`
    const data = { reason: 'they say so' }
    const kind = random.below(3)
    if (kind === 0) say('quote', 'event', { eventID: id, quoteID, eventType: 'QuoteRejected', data })
    else if (kind === 1) say('quote', 'command', { commandID: id, quoteID, commandType: 'RejectQuote', data })
    else say('policy', 'event', { eventID: id, quoteID, eventType: 'PolicyCreationFailed', data })
  }

  world.setWeather({
    ...weatherOf(random),
    late: (run.late ?? LATE) * 1000,
    silence: isEventSourced ? random.next() * 0.2 : 0,
  })
  const claimsAMove = random.chance(0.5) ? 0.01 : 0
  let made = 0
  for (let i = 0; i < run.moves; i++) {
    if (made < run.quotes && random.chance(0.05)) await make(idOf(made++))
    if (made > 0 && random.chance(claimsAMove)) claim(idOf(random.below(made)))
    await world.move()
  }
  while (made < run.quotes) await make(idOf(made++))
  const ids = Array.from({ length: run.quotes }, (_, i) => idOf(i))
  const isOver = () => {
    const quotes = store.items('quotes')
    const sagas = store.items('sagas').filter(({ status }) => status !== undefined)
    return (
      quotes.length === ids.length &&
      quotes.every(({ status }) => status === 'COMPLETED' || status === 'REJECTED') &&
      sagas.every(({ status }) => status === 'COMPLETED' || status === 'ABORTED')
    )
  }
  const drained = await world.drain(isOver, 300_000)

  // What must hold.
  const wrong: string[] = [...world.bugs]
  const must = (holds: boolean, what: string) => void (holds || wrong.push(what))
  must(drained, 'fair weather did not drain it')
  const counted = new Map(CUSTOMERS.map(id => [id, 0]))
  const active = new Map<string, number>()
  for (const quoteID of ids) {
    const [row, policy, update, of] = await store.read([
      { table: 'quotes', key: { quoteID } },
      { table: 'policies', key: { quoteID } },
      { table: 'customer-updates', key: { updateId: quoteID } },
      { table: 'sagas', key: { sagaKey: `quoting:${quoteID}` } },
    ])
    const status = String(row?.['status'])
    must(status === 'COMPLETED' || status === 'REJECTED', `${quoteID} has not ended: ${status}`)
    const completed = status === 'COMPLETED'
    must(
      (policy?.['status'] === 'ACTIVE') === completed,
      `${quoteID} is ${status}, its policy ${String(policy?.['status'])}`,
    )
    must(
      (update?.['status'] === 'COUNTED') === completed,
      `${quoteID} is ${status}, its count ${String(update?.['status'])}`,
    )
    if (completed) must(row?.['policyID'] === policy?.['policyID'], `${quoteID} names another policy`)
    const sagaStatus = of?.['status']
    if (sagaStatus !== undefined)
      must(
        sagaStatus === (completed ? 'COMPLETED' : 'ABORTED'),
        `${quoteID} is ${status}, its saga ${String(sagaStatus)}`,
      )
    if (update?.['status'] === 'COUNTED') {
      const customerId = String(update['customerId'])
      counted.set(customerId, (counted.get(customerId) ?? 0) + 1)
    }
    if (policy?.['status'] === 'ACTIVE')
      active.set(String(policy['customerId']), (active.get(String(policy['customerId'])) ?? 0) + 1)
    if (
      !claimed.has(quoteID) &&
      row?.['premium'] === 100 &&
      row['customerId'] !== 'nobody' &&
      row['reason'] !== undefined
    )
      must(
        ['TIMED_OUT', 'ABORTED'].includes(String(row['reason'])),
        `${quoteID} is REJECTED for ${String(row['reason'])}`,
      )
  }
  for (const { customerId, policyCount } of store.items('customers'))
    must(
      policyCount === counted.get(String(customerId)),
      `${String(customerId)} has ${String(policyCount)} policies, ${counted.get(String(customerId))} are counted`,
    )
  for (const { customerId, policyCount } of store.items('policy-counts'))
    must(
      policyCount === (active.get(String(customerId)) ?? 0),
      `policy-counts of ${String(customerId)}: ${String(policyCount)}`,
    )
  for (const { table, before, after } of world.commits) {
    const was = String(before?.['status'])
    if (table === 'quotes')
      must(
        !['COMPLETED', 'REJECTED'].includes(was) || was === after['status'],
        `a quote went from ${was} to ${String(after['status'])}`,
      )
    if (table === 'sagas')
      must(
        !['COMPLETED', 'ABORTED'].includes(was) || was === after['status'],
        `a saga went from ${was} to ${String(after['status'])}`,
      )
    must(
      JSON.stringify(after).length <= ITEM_BYTES_MAX,
      `an item of ${table} has ${JSON.stringify(after).length} bytes`,
    )
  }
  must(
    world.broker.messages() <= run.quotes * MESSAGES_A_QUOTE_MAX,
    `${world.broker.messages()} messages for ${run.quotes} quotes`,
  )
  if (isEventSourced) wrong.push(...streamsWrong())
  return wrong

  function streamsWrong(): string[] {
    const events = store.items('quote-events').sort((a, b) => Number(a['sequenceNumber']) - Number(b['sequenceNumber']))
    const gaps = [...Map.groupBy(events, ({ quoteID }) => String(quoteID))].flatMap(([id, stream]) =>
      stream.every((event, i) => event['sequenceNumber'] === i + 1) ? [] : [`the stream of ${id} has a gap`],
    )
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
    return [...gaps, ...differences(rebuilt, present(tables)).map(difference => JSON.stringify(difference))]
  }
}
