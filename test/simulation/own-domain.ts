/** A domain of your own in a simulated world, with its sagas and its HTTP API together: `docs/simulate-your-saga.md`. */
import { Hono } from 'hono'
import { type Catalog, type Domain as CatalogDomain, pendingOf, relayedOf } from '#engine/catalog/catalog.ts'
import { versionsOf } from '#engine/catalog/wiring-members.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import { toRecord } from '#engine/delivery/to-record.ts'
import type { ApiEnv } from '#engine/http/api.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { unpackItem } from '#engine/delivery/stored-item.ts'
import type { Table } from '#engine/model/aggregate.ts'
import type { Clock, Item, Store } from '#engine/model/ports.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import { createRepublisher } from '#engine/saga/republisher.ts'
import { isClosed, type SagaStatus } from '#engine/saga/state.ts'
import { type Answer, type Call, gatewayTo, type TestMessage } from '#engine/testing'
import { deadMessages } from '../../lambdas/platform/dead-letters/dead-letter-item.ts'
import type { Change, Domain, Play, Report, Scenario } from './domain.ts'
import type { Random } from './random.ts'
import type { World } from './world.ts'

/** What somebody does: an HTTP call, or a message that others publish: `message(c.OrderApprovedEvent, {})`. */
export type Act = Call | TestMessage

export interface OwnDomain {
  /** As the catalog lists it. */
  readonly domain: CatalogDomain
  /** What answers its routes: `[createCakeApi]`. */
  readonly apis?: readonly ((ports: ApiPorts) => Hono<ApiEnv>)[]
  /** What the services call, by function and by name: in memory, idempotent by key. Made anew for each run. */
  readonly calls?: () => Readonly<Record<string, Readonly<Record<string, Caller>>>>
  /** What is in the tables before: `{ table, item }`, each with a `version`. */
  readonly items?: readonly { readonly table: string; readonly item: Item }[]
  /** What begins under this id: the id that a message is about, and the first one that the API draws. `random` is its own. */
  begins(id: string, random: Random): Act
  /** What people and others do with it later, each at some time before fair weather returns. */
  later?(id: string, random: Random): readonly Act[]
  /** By table, the statuses that nothing follows. */
  readonly final?: Readonly<Record<string, readonly string[]>>
  /** After each answer of the API. One of 500 and above fails the run by itself. */
  answered?(call: Call, answer: Answer, report: Report): void
  /** After each commit. */
  always?(change: Change, items: (table: string) => Item[], report: Report): void
  /** For each id, when nothing moves any more. `item`: by its table and its key. */
  atRest?(id: string, item: (table: string, key: string) => Item | undefined, report: Report): void
}

/** Moves after which somebody does something more, at most. */
const LATER_MAX = 600
const relayFunction = { name: 'outbox-relay', relaysHttp: true, publishes: [], tables: [] } as const

export function ownDomain(own: OwnDomain): Scenario {
  const { domain, final = {} } = own
  if (domain.eventStore)
    throw new Error(`${domain.name} has an event store: write its scenario as test/simulation/quote-world.ts does`)
  const catalog: Catalog = { domains: [domain], platform: [relayFunction] }
  const { tables } = readCatalog(catalog)
  const starts = [...domain.sagas, ...(domain.choreographies ?? [])].map(({ startsWith }) => startsWith)
  const pending = pendingOf(catalog)
  return {
    name: domain.name,
    without: ['provider', 'claim'],
    domain(): Domain {
      const calls = own.calls?.() ?? {}
      return {
        tables,
        topicOf: domain.topicOf,
        consumers: [
          ...versionsOf(domain.sagas).map(versions => ({
            name: orchestratorOf(versions[0].name),
            aggregate: orchestrator(...versions),
          })),
          ...domain.services.flatMap(({ name, aggregate }) =>
            aggregate ? [{ name, aggregate, ...(calls[name] && { calls: calls[name] }) }] : [],
          ),
        ],
        relayed: relayedOf(catalog).map(({ aggregate }) => aggregate),
        sagas: domain.sagas,
        begins: new Set(starts.map(({ type }) => type)),
        also: ports =>
          Promise.all(
            pending.map(one =>
              createRepublisher({
                ...ports,
                pending: one,
                findDead: messages => deadMessages(ports.store, messages),
              }).sweep(),
            ),
          ),
        final,
      }
    },
    play: world => playOwn(world, own, tables),
  }
}

async function playOwn(world: World, own: OwnDomain, tables: readonly Table[]): Promise<Play> {
  const { store, broker } = world
  const { domain, apis = [] } = own
  const keyOf = new Map(tables.map(({ name, partition }) => [name, partition]))
  const item = (table: string, key: string) => store.items(table).find(item => item[keyOf.get(table) ?? ''] === key)
  for (const { table, item } of own.items ?? []) {
    const key = { [keyOf.get(table) ?? '']: item[keyOf.get(table) ?? ''] as string }
    await store.commit([{ ref: { table, key }, previous: undefined, item }])
  }
  /** By the id that was begun, the keys of the sagas that must come of it. */
  const expected = new Map<string, readonly string[]>()
  const sagasBegunBy = (type: string, id: string) =>
    domain.sagas.flatMap(({ name, startsWith }) => (startsWith.type === type ? [`${name}:${id}`] : []))
  let reported: Report | undefined

  return {
    idOf: i => `${domain.name}-${i}`,
    async begin(id, random) {
      expected.set(id, await act(own.begins(id, random), id, { newId: id, messageId: `begin:${id}` }))
      for (const [i, more] of (own.later?.(id, random) ?? []).entries())
        world.later(1 + random.below(LATER_MAX), () =>
          act(more, id, { newId: `${id}-more-${i}`, messageId: `more-${i}:${id}` }),
        )
    },
    isOver: ids =>
      store.items('sagas').every(saga => isClosed({ status: saga['status'] as SagaStatus })) &&
      ids.every(id => expected.get(id)?.every(key => item('sagas', key) !== undefined)),
    always(change, report) {
      reported = report
      own.always?.(change, table => store.items(table), report)
    },
    async atRest(ids, report) {
      for (const id of ids) own.atRest?.(id, item, report)
    },
  }

  /** The keys of the sagas that it begins. */
  async function act(
    what: Act,
    id: string,
    { newId, messageId }: { readonly newId: string; readonly messageId: string },
  ): Promise<string[]> {
    if ('message' in what) return publish(what, id, messageId)
    const committed: string[] = []
    const name = `${what.method ?? 'GET'} ${what.path}`
    const answer = await gatewayTo(appFor(newId, committed))(what)
    world.trace(`${what.sub ?? 'alice'}: ${name} answers ${answer.status}`)
    if (answer.status >= 500) world.bugs.push(`${name} answers ${answer.status}`)
    if (reported) own.answered?.(what, answer, reported)
    return committed
  }

  function publish({ message, body = {}, id }: TestMessage, sagaId: string, messageId: string): string[] {
    const about = { id: id ?? messageId, causationId: undefined, time: world.clock.now(), source: 'others' }
    world.trace(`${sagaId}: others publish ${message.type} ${JSON.stringify(body)}`)
    broker.publish([toRecord({ ...about, messageType: message, body, sagaId }, domain.topicOf(message))])
    return sagasBegunBy(message.type, sagaId)
  }

  /** An instance of the function, for one call. Whoever waits in it waits in no time. */
  function appFor(id: string, begun: string[]) {
    let [waited, drawn] = [0, 0]
    const clock: Clock = {
      now: () => world.clock.now() + waited,
      sleep: async ms => void (waited += ms),
    }
    const newId = () => (drawn++ === 0 ? id : `${id}-${drawn}`)
    const api: Store = {
      ...world.api,
      async commit(commits) {
        const results = await world.api.commit(commits)
        for (const [i, { ref, item }] of commits.entries())
          if (results[i]?.outcome === 'committed' && item['publishByChangeFeed'] === true)
            for (const { type } of unpackItem(item).sent)
              begun.push(...sagasBegunBy(type, String(ref.key[keyOf.get(ref.table) ?? ''])))
        return results
      },
    }
    const app = new Hono<ApiEnv>()
    for (const make of apis) app.route('/', make({ store: api, clock, log: world.log, newId }))
    return app
  }
}
