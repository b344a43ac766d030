import { quotings } from '../../lambdas/quoting.ts'
import type { Scenario } from './domain.ts'
import { orders } from './order-world.ts'
import { quotes } from './quote-world.ts'

/** What is simulated: the order saga, and quoting in each wiring, by the names of the command line. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  orders,
  ...Object.fromEntries(quotings.map(quoting => [quoting, quotes(quoting)])),
}

export function scenarioOf(name: string): Scenario {
  const scenario = scenarios[name]
  if (!scenario) throw new Error(`there is no scenario ${name}: it is one of ${Object.keys(scenarios).join(', ')}`)
  return scenario
}
