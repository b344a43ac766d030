/** What `npm run permissions` prints: who may do what on what, and why each action is needed. Pure. */
import type { Permission } from '../../localstack/runtime/template/permissions.ts'
import { ACTIONS } from './actions.ts'
import { nameOfResource } from './resources.ts'
import { UNSEEN } from './unseen.ts'

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

type Granted = ReadonlyMap<string, readonly Permission[]>

/** A table for each function (only `of`, if it is given), then one of its network's actions, then one of all actions. */
export function tablesOf(granted: Granted, stage: string, of?: string): Table[] {
  const chosen = [...granted].filter(([name]) => of === undefined || name === of)
  const all = chosen.flatMap(([, permissions]) => permissions)
  return [
    ...chosen.map(([name, permissions]) => ({
      title: isCustomResource(name) ? 'bootstrap brokers (at deployment)' : name,
      head: ['on', 'may'],
      rows: rowsOf(
        permissions.filter(({ action }) => !isOfNetwork(action)),
        stage,
      ),
    })),
    ...networkTable(all, stage),
    actionsTable(new Set(all.map(({ action }) => action))),
  ]
}

/** Lambda makes the network interfaces of every function in the network: they have no name before. */
function networkTable(all: readonly Permission[], stage: string): Table[] {
  const first = new Map(
    all.filter(({ action }) => isOfNetwork(action)).map(one => [`${one.action} ${one.resource}`, one]),
  )
  return first.size === 0
    ? []
    : [{ title: 'every function in the network', head: ['on', 'may'], rows: rowsOf([...first.values()], stage) }]
}

function actionsTable(used: ReadonlySet<string>): Table {
  const unseen = new Map(UNSEEN.flatMap(({ actions, why }) => actions.map(action => [action, why] as const)))
  return {
    title: 'Actions',
    head: ['action', 'made by', 'why', 'why nothing on one machine uses it'],
    rows: Object.entries(ACTIONS)
      .filter(([action]) => used.has(action))
      .map(([action, { by, why }]) => [action, by.join(', '), why, unseen.get(action) ?? '']),
  }
}

/** One row for all that may be done with a thing. */
const rowsOf = (permissions: readonly Permission[], stage: string) =>
  [...Map.groupBy(permissions, ({ resource }) => nameOfResource(resource, `${stage}-`))].map(([thing, all]) => [
    thing,
    all.map(({ action }) => action).join('\n'),
  ])

const isOfNetwork = (action: string) => action.startsWith('ec2:')
const isCustomResource = (name: string) => /AWS[0-9a-f]{32}/.test(name)
