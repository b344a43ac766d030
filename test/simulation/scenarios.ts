import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { quotings } from '../../lambdas/quoting.ts'
import type { Scenario } from './domain.ts'
import { orders } from './order-world.ts'
import { quotes } from './quote-world.ts'

/** What is simulated: the order saga, and quoting in each wiring, by the names of the command line. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  orders,
  ...Object.fromEntries(quotings.map(quoting => [quoting, quotes(quoting)])),
}

/** A scenario by its name, or the default export of a file: `test/simulation/shipping.ts`. */
export async function scenarioOf(name: string): Promise<Scenario> {
  const known = scenarios[name]
  if (known) return known
  if (!name.endsWith('.ts'))
    throw new Error(`there is no scenario ${name}: it is a file, or one of ${Object.keys(scenarios).join(', ')}`)
  const { default: own } = (await import(pathToFileURL(resolve(name)).href)) as { default?: Scenario }
  if (!own) throw new Error(`${name} exports no scenario by default: see docs/simulate-your-saga.md`)
  return own
}
