/** What a stage costs a month at rest: with nobody asking, and no message on its topics. Pure. */
import { HOURS_A_MONTH, POLLERS_A_UNIT } from './prices.ts'
import { type Item, sum } from './item.ts'
import { itemsOf, recordOf, type Template } from './resources.ts'

export interface AtRest {
  /** Dearest first; what has the same name and price is one line. */
  readonly items: readonly Item[]
  readonly usd: number
}

/** `templates`: of all stacks of the stage. Throws an UnpricedError that names what nobody priced. */
export function atRest(templates: readonly Template[]): AtRest {
  const items = merged([...templates.flatMap(itemsOf), ...pollers(templates)]).toSorted((a, b) => sum([b]) - sum([a]))
  return { items, usd: sum(items) }
}

/** Mappings of one group share units; one without a group has its own. */
function pollers(templates: readonly Template[]): Item[] {
  const groups = new Map<string, number>()
  for (const [t, { Resources }] of templates.entries())
    for (const [id, { Type, Properties }] of Object.entries(Resources)) {
      if (Type !== 'AWS::Lambda::EventSourceMapping' || Properties?.['ProvisionedPollerConfig'] === undefined) continue
      const { PollerGroupName, MinimumPollers = 1 } = recordOf(Properties['ProvisionedPollerConfig'])
      const group = typeof PollerGroupName === 'string' && PollerGroupName !== '' ? PollerGroupName : `${t}/${id}`
      groups.set(group, (groups.get(group) ?? 0) + Number(MinimumPollers))
    }
  const all = [...groups.values()]
  const units = all.reduce((total, count) => total + Math.ceil(count / POLLERS_A_UNIT), 0)
  const count = all.reduce((total, of) => total + of, 0)
  return units === 0
    ? []
    : [{ what: `${units} units for ${count} event pollers`, quantity: units * HOURS_A_MONTH, price: 'eventPollerUnit' }]
}

function merged(items: readonly Item[]): Item[] {
  return [...Map.groupBy(items, ({ what, price }) => JSON.stringify([what, price])).values()].flatMap(same => {
    const [first] = same
    return first ? [{ ...first, quantity: same.reduce((total, { quantity }) => total + quantity, 0) }] : []
  })
}
