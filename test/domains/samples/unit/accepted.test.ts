/**
 * What the API has accepted nobody refuses further in: every POST of every service, with all that its published schema takes
 * up to its limits, leads to items that a table keeps and to messages that every consumer's contract takes.
 */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryPublisher } from '#engine/adapters/memory/publisher.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { parseRecord } from '#engine/delivery/envelope.ts'
import { createRelay } from '#engine/delivery/relay.ts'
import { packItem } from '#engine/delivery/stored-item.ts'
import { topicPerAggregateAndKind as topicOf } from '#engine/delivery/topics.ts'
import { controlMessages } from '#engine/saga/control-messages.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { catalogFor } from '../../../../lambdas/catalog.ts'
import { deadLettersTable } from '../../../../lambdas/platform/dead-letters/tables.ts'
import { sagaAction } from '../../../../lambdas/platform/operations/action.ts'
import { createOperationsApi } from '../../../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../../../lambdas/platform/operations/tables.ts'
import { orderSaga } from '../../../../lambdas/sagas/order/saga.ts'
import { type Operation, operations } from '../../../support/published-api.ts'
import { readBack } from '../../../support/dead-letters.ts'
import { gatewayTo } from '../../../support/http.ts'
import { valuesAtTheLimits } from '../../../support/schema-values.ts'
import { quotingSystem, smallSystem } from '../small-system.ts'

const NUM_RUNS = 120
const operator = { groups: 'operators' }
const posts = operations.filter(({ method }) => method === 'POST')
const ofServices = /^\/(products|orders|customers|quotes)$/
/** As long as a token's `sub` may be, in bytes too. */
const sub = fc.constantFrom('alice', '😀'.repeat(256), '__proto__', 'a/b', '\0')

/** What is made first, so that what follows is of something that there is. */
const before: Readonly<Record<string, readonly object[]>> = {
  '/orders': [
    { path: '/products', body: { productId: 'p', name: 'p', price: { amount: 1, currency: 'EUR' }, stock: 9 } },
  ],
  '/quotes': [{ path: '/customers', body: { customerId: 'c', name: 'c' } }],
}

function systemOf({ path }: Operation, quoting: 'orchestration' | 'choreography' | 'event-sourcing') {
  return /^\/(products|orders)/.test(path) ? smallSystem() : quotingSystem(quoting)
}

test('every POST of the catalog is tried here, or is of an operator or of something that is made here', () => {
  const rest = posts.filter(({ path }) => !ofServices.test(path)).map(({ path }) => path)
  expect(rest.filter(path => !/^\/(sagas|services|dead-letters)\//.test(path))).toEqual(['/quotes/{quoteID}/approve'])
})

describe.each(posts.filter(({ path }) => ofServices.test(path)))('What $path accepts', operation => {
  test.each(['orchestration', 'choreography', 'event-sourcing'] as const)(
    'is done, with %s',
    { timeout: 60_000 },
    async quoting => {
      if (quoting !== 'orchestration' && /^\/(products|orders)/.test(operation.path)) return
      let accepted = 0
      await fc.assert(
        fc.asyncProperty(valuesAtTheLimits(operation.body ?? {}), sub, async (body, sub) => {
          const system = systemOf(operation, quoting)
          for (const made of before[operation.path] ?? [])
            await system.http({ method: 'POST', path: '', ...made, sub, ...operator })
          const answer = await system.http({
            method: 'POST',
            path: operation.path,
            body: known(body),
            sub,
            ...operator,
          })
          expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500)
          if (answer.status >= 300) return
          accepted += 1
          if (operation.path === '/quotes') {
            const { quoteID } = answer.body as { quoteID: string }
            expect(await system.http({ method: 'POST', path: `/quotes/${quoteID}/approve`, sub })).toMatchObject({
              status: 202,
            })
          }
          await system.advance({ seconds: 120 })
          expect(system.deadLetters()).toEqual([])
        }),
        { numRuns: NUM_RUNS },
      )
      expect(accepted).toBeGreaterThan(NUM_RUNS / 10)
    },
  )
})

/** Half of the ids are those of what there is. */
const known = (body: unknown): unknown =>
  JSON.parse(
    JSON.stringify(body).replaceAll(
      /"(productId|customerId)":"[^"]*[a-m]"/g,
      (_, name: string) => `"${name}":"${name.slice(0, 1)}"`,
    ),
  )

test.each(['retry', 'abort', 'resolve'])('What an operator may write with a %s reaches the saga', async kind => {
  const operation = posts.find(({ path }) => path === `/sagas/{saga}/{id}/${kind}`) as Operation
  const id = `order ${'😀'.repeat(250)}`
  const state: SagaState = {
    definition: 1,
    status: 'RUNNING',
    step: 'reserve',
    doing: 'do',
    data: {},
    pendingId: [1, 0],
    attempt: 1,
    deadlineAt: 1,
    wakeAt: 1,
    startedAt: 0,
    updatedAt: 0,
    timeline: '[]',
  }
  const item = packItem(orchestrator(orderSaga), id, {
    state,
    version: 1,
    handled: [],
    sent: [],
    rows: [],
    committedAt: 0,
  })
  const vocabulary = {
    ours: new Map(controlMessages.map(message => [message.type, message])),
    others: new Set<string>(),
    owner: true,
  }
  const reply = { reason: 'CANCELLED' }
  let accepted = 0
  await fc.assert(
    fc.asyncProperty(valuesAtTheLimits(operation.body ?? {}), sub, async (body, sub) => {
      const store = memoryStore([sagasTable, sagaActionsTable, deadLettersTable])
      await store.commit([{ ref: { table: 'sagas', key: { sagaKey: `order:${id}` } }, previous: undefined, item }])
      const ports = { store, clock: systemClock, log: silentLog, newId: () => 'action' }
      const ask = gatewayTo(createOperationsApi({ ...ports, consumers: {}, definitions: [orderSaga] }))
      const told = kind === 'resolve' ? { ...(body as object), outcome: 'refused', reply } : body
      const answer = await ask({
        method: 'POST',
        path: `/sagas/order/${encodeURIComponent(id)}/${kind}`,
        body: told,
        sub,
        ...operator,
      })
      expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500)
      if (answer.status !== 202) return
      accepted += 1
      const publisher = memoryPublisher()
      const relay = createRelay({ aggregates: [sagaAction], publisher, topicOf, log: silentLog })
      await relay.relay('saga-actions', store.items('saga-actions'))
      const parsed = publisher.records().map(record => parseRecord(readBack(record), vocabulary))
      expect(parsed).toMatchObject([{ kind: 'message', message: { sagaId: id } }])
    }),
    { numRuns: NUM_RUNS },
  )
  expect(accepted).toBeGreaterThan(NUM_RUNS / 2)
})

test.each(['orchestration', 'choreography', 'event-sourcing'] as const)(
  'With %s every contract takes what its published length allows',
  quoting => {
    const messages = readCatalog(catalogFor({ quoting })).messages.map(({ message }) => message)
    for (const { type, idField, kind, schema } of messages) {
      const vocabulary = {
        ours: new Map([[type, messages.find(message => message.type === type)!]]),
        others: new Set<string>(),
        owner: true,
      }
      const longest = '😀'.repeat(256)
      const value = { [`${kind}ID`]: longest, [`${kind}Type`]: type, [idField]: longest, data: {} }
      const parsed = parseRecord(
        { ...readBack({ topic: 't', key: longest, value: JSON.stringify(value), headers: {} }) },
        vocabulary,
      )
      // Nothing but what is missing in `data` is wrong with it.
      if (parsed.kind === 'poison') expect(parsed.error, type).toMatch(/^\w+: data\./)
      expect(schema).toBeDefined()
    }
  },
)
