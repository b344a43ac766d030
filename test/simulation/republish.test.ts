/** Whatever operators have published again, at any moment, two at once: the invariants hold, and right messages stay as they are. */
import { expect, test } from 'vitest'
import { quotings } from '../../lambdas/quoting.ts'
import { orders } from './order-world.ts'
import { quotes } from './quote-world.ts'
import { reportOf } from './report.ts'
import { republishing } from './republishing.ts'
import { run } from './run.ts'

const SEEDS = 20

test.each([['orders', orders], ...quotings.map(quoting => [quoting, quotes(quoting)] as const)] as const)(
  'worlds of %s',
  { timeout: 120_000 },
  async (name, scenario) => {
    const heard = new Map<number, number>()
    const republished = republishing(scenario, status => void heard.set(status, (heard.get(status) ?? 0) + 1))
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations } = await run(republished, { seed, sagas: 6 })
      expect(violations, reportOf(name, { seed, sagas: 6 }, violations).join('\n')).toEqual([])
    }
    expect(heard.get(202)).toBeGreaterThan(10)
  },
)
