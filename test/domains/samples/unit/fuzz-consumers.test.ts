/** Consumers against records made from the published messages; longer, and from fresh seeds, in `test/deep`. */
import { expect, test } from 'vitest'
import { fuzzConsumers, fuzzed } from '../consumer-fuzz.ts'

test.each(fuzzed)('$domain by $quoting: no record fails for what it holds', { timeout: 60_000 }, async one => {
  expect(await fuzzConsumers(one, { seed: 1, milliseconds: 1_000 })).toBeGreaterThan(20)
})
