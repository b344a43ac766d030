/**
 * Consumers against hostile records, from a fresh seed each time. A failure prints the seed, its path, and the records:
 * `FUZZ_SEED=<seed> FUZZ_PATH=<path> npx vitest run --project proof test/domains/samples/proof/fuzz-consumers.test.ts -t '<name>'` replays it.
 */
import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { fuzzConsumers, fuzzed } from '../consumer-fuzz.ts'

const { FUZZ_SEED, FUZZ_PATH: path } = process.env
const seed = FUZZ_SEED === undefined ? randomInt(2 ** 31) : Number(FUZZ_SEED)
const MILLISECONDS = 15_000

test.each(fuzzed)(`$domain by $quoting: no record fails for what it holds, from seed ${seed}`, async one => {
  const sent = await fuzzConsumers(one, { seed, milliseconds: MILLISECONDS, ...(path !== undefined && { path }) })
  expect(sent).toBeGreaterThan(path === undefined ? 200 : 0)
})
