/** Operators who have what services' last commits published decided again, at any moment: nothing may come of it. */
import { silentLog } from '#engine/adapters/memory/log.ts'
import { sagaAction } from '../../lambdas/platform/operations/action.ts'
import { createOperationsApi } from '../../lambdas/platform/operations/api.ts'
import { sagaActionsTable } from '../../lambdas/platform/operations/tables.ts'
import { gatewayTo } from '../support/http.ts'
import type { Domain, Play, Report, Scenario } from './domain.ts'
import type { World } from './world.ts'

/** An operator may act at one move in so many, as the weather is. */
const EVERY = 4
/** Moves until a second one does the same, at most. */
const TWICE_WITHIN = 3

/** The same scenario with such operators. `heard`: what each of them was answered. */
export function republishing(scenario: Scenario, heard: (status: number) => void): Scenario {
  // A play is asked of the domain that its scenario made.
  const made = new WeakMap<Domain, Domain>()
  return {
    ...scenario,
    domain() {
      const domain = scenario.domain()
      const publishes = domain.consumers.flatMap(({ aggregate }) => aggregate.publishes)
      const watched: Domain = {
        ...domain,
        tables: [...domain.tables, sagaActionsTable],
        relayed: [...domain.relayed, { ...sagaAction, publishes: [...sagaAction.publishes, ...publishes] }],
      }
      made.set(watched, domain)
      return watched
    },
    async play(world, domain) {
      const services = domain.consumers.filter(({ aggregate }) => aggregate.republish)
      return withOperators(await scenario.play(world, made.get(domain) ?? domain), world, services, heard)
    },
  }
}

type Services = Parameters<typeof createOperationsApi>[0]['services']

function withOperators(
  play: Play,
  world: World,
  services: NonNullable<Services>,
  heard: (status: number) => void,
): Play {
  let moves = 0
  let ids = 0
  const wrong: string[] = []
  const call = gatewayTo(
    createOperationsApi({
      store: world.api,
      clock: world.clock,
      log: silentLog,
      newId: () => `action-${(ids += 1)}`,
      definitions: [],
      consumers: {},
      services,
    }),
  )
  const republish = async (service: string, id: string) => {
    const path = `/services/${service}/${encodeURIComponent(id)}/republish`
    const { status, body } = await call({
      method: 'POST',
      path,
      body: { reason: 'a bug' },
      sub: 'olga',
      groups: 'operators',
    })
    world.trace(`an operator republishes ${service} ${id}: ${status}`)
    heard(status)
    if (status !== 202 && status !== 409) wrong.push(`${service} ${id}: ${status} ${JSON.stringify(body)}`)
    for (const { id: message, changed } of body.messages ?? [])
      if (changed.length > 0) wrong.push(`${message} was right, and ${changed.join()} of it is mended`)
  }
  const tell = (report: Report) => {
    for (const detail of wrong.splice(0)) report('republished-is-what-was-published', detail)
  }
  return {
    ...play,
    meanwhile() {
      play.meanwhile?.()
      if (++moves % EVERY !== 0) return
      const x = world.faults.at('operator', `republishes at move ${moves}`)
      if (x === undefined) return
      const all = services.flatMap(({ name, aggregate: { table } }) =>
        world.store.items(table.name).map(item => ({ name, id: String(item[table.partition]) })),
      )
      const chosen = all[Math.floor(x * all.length)]
      if (!chosen) return
      // Two at once, and another a little later.
      const act = () => Promise.all([republish(chosen.name, chosen.id), republish(chosen.name, chosen.id)])
      world.later(1, act)
      world.later(1 + Math.floor(x * TWICE_WITHIN), act)
    },
    always(change, report) {
      play.always?.(change, report)
      tell(report)
    },
    async atRest(ids, report) {
      tell(report)
      await play.atRest(ids, report)
    },
  }
}
