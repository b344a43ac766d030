/**
 * A bakery with two sagas: a cake that is ordered over HTTP is baked, and what is baked is brought. The second saga begins
 * where the first one ends. All of it decides, so that it can be run, and simulated.
 */
import * as z from 'zod'
import type { Domain, Service } from '#engine/catalog/catalog.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { topicPerAggregateAndKind } from '#engine/delivery/topics.ts'
import { createApi } from '#engine/http/api.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { readBody } from '#engine/http/body.ts'
import { Id } from '#engine/http/ids.ts'
import { HttpProblem } from '#engine/http/problem.ts'
import { routesOf, serve } from '#engine/http/route.ts'
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { AnyAggregate, Decision, OutgoingMessage, Table } from '#engine/model/aggregate.ts'
import { reason } from '#engine/model/fields.ts'
import { messagesOf } from '#engine/model/messages.ts'
import { pendingIndex, pendingShard } from '#engine/model/pending.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'

const cakeMessages = messagesOf('cake', 'cakeId')
export const CakeOrdered = cakeMessages.event('CakeOrdered', z.object({ slices: z.int().positive() }))
export const CakeReady = cakeMessages.event('CakeReady', z.object({}))
export const CakeRefused = cakeMessages.event('CakeRefused', z.object({}))
export const FinishCake = cakeMessages.command('FinishCake', z.object({}), { done: [CakeReady] })
export const RefuseCake = cakeMessages.command('RefuseCake', z.object({}), { done: [CakeRefused] })

const ovenMessages = messagesOf('oven', 'cakeId')
export const Baked = ovenMessages.event('Baked', z.object({}))
export const OvenFull = ovenMessages.event('OvenFull', z.object({ reason }))
export const Cooled = ovenMessages.event('Cooled', z.object({}))
export const Bake = ovenMessages.command('Bake', z.object({ slices: z.int() }), { done: [Baked], refused: [OvenFull] })
export const Cool = ovenMessages.command('Cool', z.object({}), { done: [Cooled] })

const courierMessages = messagesOf('courier', 'cakeId')
export const Fetched = courierMessages.event('Fetched', z.object({}))
export const NoCourier = courierMessages.event('NoCourier', z.object({ reason }))
export const Returned = courierMessages.event('Returned', z.object({}))
export const Brought = courierMessages.event('Brought', z.object({}))
export const Fetch = courierMessages.command('Fetch', z.object({}), { done: [Fetched], refused: [NoCourier] })
export const Return = courierMessages.command('Return', z.object({}), { done: [Returned] })
export const Bring = courierMessages.command('Bring', z.object({}), { done: [Brought] })

interface Cake {
  readonly status: 'ORDERED' | 'READY' | 'REFUSED'
  readonly orderedAt: string
}
interface Work {
  readonly status: string
}
export const orderedCakes = pendingIndex('orderedAt')
export const cakesTable: Table = { name: 'cakes', partition: 'cakeId', indexes: [orderedCakes.index] }
export const ovensTable: Table = { name: 'ovens', partition: 'cakeId' }
export const couriersTable: Table = { name: 'couriers', partition: 'cakeId' }

/** A cake that was ordered elsewhere is first heard of when it ends. */
const end = <Type extends string>(
  state: Cake | undefined,
  status: Cake['status'],
  reply: (of: Cake['status']) => OutgoingMessage<Type>,
  now: number,
): Decision<Cake, Type, never> => {
  if (state && state.status !== 'ORDERED') return { kind: 'answer', publish: [reply(state.status)] }
  const orderedAt = state?.orderedAt ?? new Date(now).toISOString()
  return { kind: 'commit', state: { status, orderedAt }, publish: [reply(status)] }
}
const cakeIs = (status: Cake['status']) => (status === 'READY' ? publish(CakeReady, {}) : publish(CakeRefused, {}))
export const cake = aggregate<Cake>('cake', {
  table: cakesTable,
  publishes: [CakeOrdered],
  indexed: ({ status }, cakeId) => ({ pendingShard: status === 'ORDERED' ? pendingShard(cakeId) : undefined }),
})
  .handles(FinishCake, {
    publishes: [CakeReady, CakeRefused],
    decide: (state, _, { now }) => end(state, 'READY', cakeIs, now),
  })
  .handles(RefuseCake, {
    publishes: [CakeReady, CakeRefused],
    decide: (state, _, { now }) => end(state, 'REFUSED', cakeIs, now),
  })
  .build()

/** Commits the new status and answers; where it is so already, only answers. */
const become = <Type extends string>(
  state: Work | undefined,
  status: string,
  reply: OutgoingMessage<Type>,
): Decision<Work, Type, never> =>
  state?.status === status
    ? { kind: 'answer', publish: [reply] }
    : { kind: 'commit', state: { status }, publish: [reply] }

/** As many slices as the oven takes. */
export const SLICES_MAX = 12
export const oven = aggregate<Work>('oven', { table: ovensTable })
  .handles(Bake, {
    publishes: [Baked, OvenFull],
    decide: (state, { body }) =>
      state?.status === 'COLD' || body.slices > SLICES_MAX
        ? become(state, 'COLD', publish(OvenFull, { reason: 'TOO_LARGE' }))
        : become(state, 'BAKED', publish(Baked, {})),
  })
  .handles(Cool, { publishes: [Cooled], decide: state => become(state, 'COLD', publish(Cooled, {})) })
  .build()

export const courier = aggregate<Work>('courier', { table: couriersTable })
  .handles(Fetch, {
    publishes: [Fetched, NoCourier],
    decide: state =>
      state?.status === 'RETURNED'
        ? { kind: 'answer', publish: [publish(NoCourier, { reason: 'CANCELLED' })] }
        : become(state && { status: 'FETCHED' }, 'FETCHED', publish(Fetched, {})),
  })
  .handles(Return, { publishes: [Returned], decide: state => become(state, 'RETURNED', publish(Returned, {})) })
  .handles(Bring, { publishes: [Brought], decide: state => become(state, 'BROUGHT', publish(Brought, {})) })
  .build()

export const bakingSaga = saga('baking', { version: 1, startsWith: CakeOrdered, deadline: minutes(15) })
  .step('bake', Bake, {
    send: ({ slices }) => ({ slices }),
    done: { Baked: nothing },
    refused: { OvenFull: reply => reply.reason },
  })
  .undo(Cool, {})
  .retriable('finish', FinishCake, { done: { CakeReady: nothing } })
  .onAbort('refuse', RefuseCake, {})
  .build()

export const bringingSaga = saga('bringing', { version: 1, startsWith: CakeReady, deadline: minutes(15) })
  .step('fetch', Fetch, { done: { Fetched: nothing }, refused: { NoCourier: reply => reply.reason } })
  .undo(Return, {})
  .retriable('bring', Bring, { done: { Brought: nothing } })
  .build()

const cakeRoutes = {
  orderCake: {
    method: 'POST',
    path: '/cakes',
    summary: 'Orders a cake.',
    callers: 'anyone',
    body: z.object({ cakeId: Id.optional(), slices: z.int().positive() }),
    answers: [{ status: 202, description: 'The cake.', schema: z.object({ cakeId: Id, status: z.string() }) }],
  },
} as const

/** `POST /cakes`: ordered once, a second time is a conflict. */
export const createCakeApi = ({ store, clock, log, newId }: ApiPorts) =>
  serve(createApi(log), cakeRoutes, {
    orderCake: async c => {
      const { cakeId = newId(), slices } = await readBody(c, cakeRoutes.orderCake.body)
      const now = clock.now()
      const state: Cake = { status: 'ORDERED', orderedAt: new Date(now).toISOString() }
      const about = { store, aggregate: cake, key: cakeId, now }
      const { outcome } = await commitFromHttp({ ...about, state, publish: [publish(CakeOrdered, { slices })] })
      if (outcome === 'exists')
        throw new HttpProblem('conflict', { detail: `A cake ${cakeId} was ordered already: choose another cakeId.` })
      return c.json({ cakeId, status: state.status }, 202)
    },
  })

const cakeService: Service = {
  name: 'cake',
  aggregate: cake,
  http: {
    routes: routesOf(cakeRoutes),
    tables: [{ table: cakesTable, use: ['read', 'put'] }],
    publishes: [CakeOrdered],
    republish: { while: { status: 'ORDERED' }, index: orderedCakes },
  },
}

/** `courierWith`, `bringing`: others in their places, to see that they are missed. */
export const bakery = ({
  courierWith = courier,
  bringing = bringingSaga,
}: {
  courierWith?: AnyAggregate
  bringing?: typeof bringingSaga
} = {}): Domain => ({
  name: 'bakery',
  topicOf: topicPerAggregateAndKind,
  services: [cakeService, { name: 'oven', aggregate: oven }, { name: 'courier', aggregate: courierWith }],
  sagas: [bakingSaga, bringing],
})
