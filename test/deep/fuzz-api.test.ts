/**
 * The running system against requests made from `docs/openapi.yaml`, valid and not, from a fresh seed each time: answers are
 * as documented, errors are problem documents, and nothing is a 5xx. `FUZZ_SEED=<seed> npx vitest run --project deep
 * test/deep/fuzz-api.test.ts` asks the same again.
 */
import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { HttpClient, Operator } from '../support/http-client.ts'
import { operations } from '../support/published-api.ts'
import { fuzzApi, whyNoPython } from '../support/schemathesis.ts'
import { launch, type System, tellWhenFailed } from '../support/system.ts'
import { usersAfterScenarios } from '../support/users.ts'
import { whatAliceHas } from '../support/what-alice-has.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))
const SECONDS = 75
/** Characters of a finding that are shown: some quote a whole cursor. */
const LINE_MAX = 500

let system: System
let operator: Operator
let alice: HttpClient
beforeAll(async () => {
  // The wiring that has every route.
  system = await launch({ env: { QUOTING: 'event-sourcing' } })
  ;({ operator, alice } = await usersAfterScenarios(system))
}, 180_000)
beforeEach(tellWhenFailed(() => system))
afterAll(() => system.destroy())

test(`every route answers as it is documented, whatever it is asked, from seed ${seed}`, async ({ skip }) => {
  const missing = await whyNoPython()
  skip(missing !== undefined, `Schemathesis: ${missing}`)
  const has = await whatAliceHas({ alice, operator }, system.brokers)
  const values = {
    TOKEN: operator.token ?? '',
    ORDER: has['orders.orderId'] ?? '',
    LETTER: has['dead-letters.id'] ?? '',
  }
  const { code, outgoing } = await fuzzApi({ url: system.url, seed, seconds: SECONDS, cwd: system.folder, values })
  const lines = outgoing.split('\n').map(line => line.slice(0, LINE_MAX))
  expect(code, lines.join('\n')).toBe(0)
  const [, cases = '0'] = /(\d+) generated/.exec(outgoing) ?? []
  expect(Number(cases), lines.slice(-30).join('\n')).toBeGreaterThan(500)
  // This wiring has all that is published.
  expect(/Tested: +(\d+)\n/.exec(outgoing)?.[1]).toBe(String(operations.length))

  // As if nothing had been.
  expect((await alice.get('/health')).status).toBe(200)
  await operator.product('after-the-storm', 1, 100)
  expect(await alice.end(await alice.place({ 'after-the-storm': 1 }, 'tok_visa'))).toMatchObject({ status: 'APPROVED' })
  expect(system.stderr()).not.toMatch(/gateway: (GET|POST)|answered a request with what is no answer|a request failed/)
})
