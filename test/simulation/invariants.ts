/** What holds of every saga, whatever it is about. Each has a name; who breaks a rule is told which of these shows it. */
import { isDeepStrictEqual } from 'node:util'
import type { MemoryStore } from '#engine/adapters/memory/store.ts'
import { type Item } from '#engine/model/ports.ts'
import type { IncomingRecord } from '#engine/delivery/envelope.ts'
import { messageIdOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { pendingCommand } from '#engine/saga/transitions.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import type { SagaState, SagaStatus } from '#engine/saga/state.ts'
import { nextSagas } from '../../lambdas/platform/operations/search.ts'
import { type Broker, header } from './broker.ts'
import { checkAcknowledged, checkConversation } from './conversation.ts'
import type { Change, Domain, Report } from './domain.ts'

/** Bytes of an item, but where a domain says otherwise: a usual one has under 1 KB, and operators and repeats make it longer. */
const ITEM_BYTES_MAX = 8_000
const MESSAGES_A_SAGA_MAX = 600
const STATUSES: readonly SagaStatus[] = ['RUNNING', 'COMPENSATING', 'COMPLETED', 'ABORTED', 'STUCK']
const ENDED: readonly unknown[] = ['COMPLETED', 'ABORTED']

const isSameState = (before: Item | undefined, after: Item) =>
  before !== undefined && isDeepStrictEqual(unpackItem(before).state, unpackItem(after).state)
const isOpen = ({ status }: SagaState) => status === 'RUNNING' || status === 'COMPENSATING'
const idOf = (sagaKey: unknown) => String(sagaKey).split(':').slice(1).join(':')

export function createInvariants(world: { domain: Domain; store: MemoryStore; broker: Broker; report: Report }) {
  const { domain, store, broker, report } = world
  const final: Readonly<Record<string, readonly unknown[]>> = { ...domain.final, sagas: ENDED }
  /** Which commit of an item handled a message first: `<table> <key> <message>`. */
  const handledBy = new Map<string, number>()
  const sagaCommits: Item[] = []
  const keyFieldOf = new Map(domain.tables.map(({ name, partition }) => [name, partition]))

  function always({ table, before, after }: Change) {
    const key = String(after[keyFieldOf.get(table) ?? 'id'])
    const saga = table === 'sagas' ? idOf(key) : key
    const was = before?.['status']
    const isFinal = final[table]?.includes(was)
    if (isFinal && (was !== after['status'] || (table === 'sagas' && !domain.eventStore)))
      report('terminal-stays', `${table} ${key} was ${String(was)} and became ${String(after['status'])}`, saga)
    const { length } = JSON.stringify(after)
    if (length > (domain.bytesMax?.[table] ?? ITEM_BYTES_MAX))
      report('item-size', `${table} ${key} has ${length} bytes`, saga)
    if (Number(after['version']) !== Number(before?.['version'] ?? 0) + 1)
      report(
        'version-counts',
        `${table} ${key} went from version ${String(before?.['version'])} to ${String(after['version'])}`,
        saga,
      )
    oneEffect(table, key, before, after, saga)
    if (table === 'sagas') ofSaga(after, saga)
  }

  /** A command changes an item once: found again, it is published again or answered (in an event store, by a commit too). */
  function oneEffect(table: string, key: string, before: Item | undefined, after: Item, saga: string) {
    if (table === 'dead-letters' || before?.['status'] === after['status']) return
    const known = new Set((before?.['handled'] ?? []) as readonly string[])
    for (const id of (after['handled'] ?? []) as readonly string[]) {
      if (known.has(id) || !broker.commandIds.has(id)) continue
      const place = `${table} ${key} ${id}`
      const version = handledBy.get(place)
      // In an event store an answer is appended by a commit that changes nothing.
      if (version !== undefined && !id.startsWith('op:') && !id.startsWith('wake:') && !isSameState(before, after))
        report(
          'one-effect-a-command',
          `${table} ${key} handled ${id} with version ${version} and again with ${String(after['version'])}`,
          saga,
        )
      handledBy.set(place, Number(after['version']))
    }
  }

  function ofSaga(after: Item, saga: string) {
    sagaCommits.push(after)
    const { sent, state } = unpackItem<SagaState>(after)
    if (state.status === undefined) return
    const definition = domain.sagas.find(({ name }) => String(after['sagaKey']).startsWith(`${name}:`))
    const mayTry = definition && isOpen(state) ? pendingCommand(definition, state).attemptsMax : undefined
    if (mayTry !== undefined && state.attempt > mayTry)
      report(
        'attempts-are-bounded',
        `${String(after['sagaKey'])} asks ${state.attempt} times, ${mayTry} are the most`,
        saga,
      )
    const notices = new Set(
      definition?.steps
        .flatMap(step => [step.command, step.undo?.command])
        .flatMap(c => (c?.done.length === 0 ? [c.type] : [])),
    )
    const commandsSent = sent.filter(({ type, version }) => isCommand(type) && !notices.has(type) && version > 0)
    const [asked] = commandsSent
    if (asked && (commandsSent.length > 1 || asked.version !== state.pendingId?.[0] || asked.n !== state.pendingId[1]))
      report(
        'one-command-a-commit',
        `${String(after['sagaKey'])} remembers ${commandsSent.map(({ type }) => type).join()} and waits for ${JSON.stringify(state.pendingId)}`,
        saga,
      )
  }

  const commands = new Set(
    domain.sagas.flatMap(({ steps, abort }) =>
      [...steps.flatMap(step => [step.command, step.undo?.command, step.settle?.command]), abort?.command].flatMap(c =>
        c ? [c.type] : [],
      ),
    ),
  )
  const isCommand = (type: string) => commands.has(type)

  /** A saga is found by its status, STUCK ones above all: else nobody would see to them. */
  async function search() {
    for (const { name } of new Map(domain.sagas.map(saga => [saga.name, saga])).values())
      for (const status of STATUSES) {
        const found = new Set<string>()
        let after: Parameters<typeof nextSagas>[2]['after']
        do {
          const page = await nextSagas(store, [{ saga: name, status }], { limit: 20, after })
          for (const { sagaKey } of page.keys) found.add(sagaKey)
          after = page.next
        } while (after)
        const there = store
          .items('sagas')
          .filter(item => item['status'] === status && String(item['sagaKey']).startsWith(`${name}:`))
        for (const item of there)
          if (!found.delete(String(item['sagaKey'])))
            report(
              status === 'STUCK' ? 'stuck-is-visible' : 'search-agrees',
              `${String(item['sagaKey'])} is ${status} and not found`,
              idOf(item['sagaKey']),
            )
        for (const key of found) report('search-agrees', `${key} is found as ${status}, and is not`, idOf(key))
      }
  }

  /** What a saga's commit publishes beside its step's command, and the rows that it writes, are published and written in the end. */
  async function unpublished() {
    /** When each id was published first: rule 6. */
    const places = new Map([...broker.ids].map((id, place) => [id, place]))
    for (const item of sagaCommits) {
      const { sent, rows, version: committed } = unpackItem<SagaState>(item)
      const [saga = ''] = String(item['sagaKey']).split(':')
      const id = idOf(item['sagaKey'])
      for (const { type, version, n, cause } of sent.filter(({ type }) => !isCommand(type))) {
        const messageId = version === 0 ? cause : messageIdOf({ type: orchestratorOf(saga) }, id, version, n)
        if (!broker.ids.has(messageId))
          report('nothing-unpublished', `${type} ${messageId} was decided and never published`, id)
        const command = sent.find(one => isCommand(one.type) && one.version === committed)
        const commandId = command && messageIdOf({ type: orchestratorOf(saga) }, id, command.version, command.n)
        const publishedAt = commandId === undefined ? undefined : places.get(commandId)
        if (publishedAt !== undefined && publishedAt < (places.get(messageId) ?? 0))
          report('command-goes-last', `${commandId} was published before ${messageId}`, id)
      }
      const found = await store.read(rows.map(({ ref }) => ref))
      rows.forEach((row, i) => {
        if (!found[i])
          report('nothing-unpublished', `the row ${JSON.stringify(row.ref)} was decided and never written`, id)
      })
    }
  }

  return {
    always,
    acknowledged: (
      record: IncomingRecord,
      consumer: string,
      excuses: { unknown: boolean; left: ReadonlySet<string> },
    ) => checkAcknowledged(record, consumer, world, excuses, report),
    search,
    async atRest({
      sagas,
      drained,
      nonsense,
      discarded,
      happened,
      left,
    }: {
      sagas: number
      drained: boolean
      nonsense: ReadonlySet<string>
      discarded: readonly IncomingRecord[]
      happened: readonly string[]
      left: ReadonlySet<string>
    }) {
      if (!drained) {
        const open = store.items('sagas').filter(({ status }) => status !== undefined && !ENDED.includes(status))
        for (const { sagaKey, status, doing, step } of open)
          report(
            'saga-ends',
            `${String(sagaKey)} is ${String(status)} in fair weather, at ${String(doing)} ${String(step)}`,
            idOf(sagaKey),
          )
        if (open.length === 0) report('saga-ends', 'fair weather did not drain it')
      }
      await search()
      await unpublished()
      checkConversation(world, { discarded, happened, left }, report)
      if (broker.messages() > sagas * MESSAGES_A_SAGA_MAX)
        report('no-echo', `${broker.messages()} messages for ${sagas} sagas`)
      const deadLettered = new Set(
        store
          .items('dead-letters')
          .filter(({ reason }) => reason !== undefined && reason !== 'RETRY_ATTEMPTS_EXHAUSTED')
          .map(item => String(item['messageId'])),
      )
      for (const id of nonsense)
        if (!deadLettered.has(id))
          report('dead-letters-have-reasons', `${id} is nonsense and not among the dead letters`)
      for (const id of deadLettered)
        if (!nonsense.has(id)) report('dead-letters-have-reasons', `${id} is a dead letter without a reason`)
      for (const letter of broker.everything().filter(({ topic }) => topic.endsWith('.dlq')))
        if (!header(letter, 'dlq_reason') && letter.headers.length > 0)
          report('dead-letters-have-reasons', `a dead letter of ${letter.topic} does not say why`)
    },
  }
}
