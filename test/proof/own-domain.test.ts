/** A whole domain of one's own: two sagas of which one begins where the other ends, and orders over HTTP. */
import { expect, test } from 'vitest'
import { publish } from '#engine/model/aggregate-builder.ts'
import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes } from '#engine/saga/durations.ts'
import * as b from '../example/bakery.ts'
import { ownDomain } from '../simulation/own-domain.ts'
import { run, type Violation } from '../simulation/run.ts'

const cakes = (domain = b.bakery()) =>
  ownDomain({
    domain,
    apis: [b.createCakeApi],
    begins: (_, random) => ({ method: 'POST', path: '/cakes', body: { slices: random.pick([4, 8, 16]) } }),
    later: id => [{ method: 'POST', path: '/cakes', body: { cakeId: id, slices: 4 } }],
    final: { cakes: ['READY', 'REFUSED'], couriers: ['RETURNED', 'BROUGHT'] },
    answered({ body }, { status }, report) {
      const isRepeated = (body as { cakeId?: string }).cakeId !== undefined
      if (status !== (isRepeated ? 409 : 202)) report('a-cake-is-ordered-once', `ordered, and answered ${status}`)
    },
    atRest(id, item, report) {
      const [cake, parcel] = [item('cakes', id)?.['status'], item('couriers', id)?.['status']]
      const [baking, bringing] = ['baking', 'bringing'].map(saga => item('sagas', `${saga}:${id}`)?.['status'])
      if (cake !== (baking === 'COMPLETED' ? 'READY' : 'REFUSED'))
        report('cake-agrees-with-its-saga', `${id} is ${String(cake)}, its baking ${String(baking)}`, id)
      if ((cake === 'READY') !== (bringing !== undefined))
        report('what-is-ready-is-brought', `${id} is ${String(cake)}, its bringing ${String(bringing)}`, id)
      if (bringing !== undefined && parcel !== (bringing === 'COMPLETED' ? 'BROUGHT' : 'RETURNED'))
        report('brought-or-returned', `${id}: bringing is ${bringing}, the parcel ${String(parcel)}`, id)
    },
  })
const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1)

test('two sagas and orders over HTTP lose nothing and double nothing, and both ends of both are met', async () => {
  const ended = new Set<string>()
  const note = (line: string) => {
    const [, saga, status] = /commit sagas (\w+):.* (COMPLETED|ABORTED): committed/.exec(line) ?? []
    if (saga !== undefined) ended.add(`${saga} ${String(status)}`)
  }
  for (const seed of SEEDS) {
    const { violations } = await run(cakes(), { seed, sagas: 6, trace: note })
    expect({ seed, violations }).toEqual({ seed, violations: [] })
  }
  expect([...ended].sort((a, c) => a.localeCompare(c))).toEqual([
    'baking ABORTED',
    'baking COMPLETED',
    'bringing ABORTED',
    'bringing COMPLETED',
  ])
})

const FOUND_WITHIN = 500

/** The worlds' violations, until one is of this invariant. */
async function foundUntil(invariant: RegExp, domain: ReturnType<typeof b.bakery>) {
  const found: Violation[] = []
  for (let seed = 1; seed <= FOUND_WITHIN && !invariant.test(found.at(-1)?.invariant ?? ''); seed++) {
    const { violations } = await run(cakes(domain), { seed, sagas: 6 })
    found.push(...violations.slice(0, 1))
  }
  return found
}

test('a second saga that undoes nothing is found by what its domain says must hold', async () => {
  const forgetful = saga('bringing', { version: 1, startsWith: b.CakeReady, deadline: minutes(15) })
    .step('fetch', b.Fetch, { done: { Fetched: nothing }, refused: { NoCourier: reply => reply.reason } })
    .nothingToUndo()
    .retriable('bring', b.Bring, { done: { Brought: nothing } })
    .build()
  const found = await foundUntil(/^brought-or-returned$/, {
    ...b.bakery({ bringing: forgetful }),
    ends: [b.Returned],
  })
  expect(found.at(-1)?.detail).toMatch(/^bakery-\d: bringing is ABORTED, the parcel (FETCHED|undefined)$/)
  // Whatever was found before it is of the second saga's too.
  for (const { detail } of found) expect(detail).toMatch(/bringing|courier/)
})

test('a service of the second saga that keeps no tombstone is found, whatever its domain says', async () => {
  const decide: typeof b.courier.decide = (state, message, context) =>
    state === undefined && message.type === b.Return.type
      ? { kind: 'answer', publish: [publish(b.Returned, {})] }
      : b.courier.decide(state, message, context)
  const kept = /^(undo-leaves-a-tombstone|answers-are-kept)$/
  const found = await foundUntil(kept, b.bakery({ courierWith: { ...b.courier, decide } }))
  expect(found.at(-1)?.invariant).toMatch(kept)
  expect(found.at(-1)?.detail).toMatch(/^Return /)
})

test('an order over HTTP that nobody declares as pending is found where its change feed was lost', async () => {
  const domain = b.bakery()
  const services = domain.services.map(service => {
    const { republish: _, ...http } = service.http ?? { routes: [], tables: [] }
    return service.http ? { ...service, http } : service
  })
  const found = await foundUntil(/^saga-ends$/, { ...domain, services })
  expect(found).toMatchObject([{ invariant: 'saga-ends' }])
})
