/** `npm start -- --permissions` as its user meets it. */
import { afterEach, expect, test } from 'vitest'
import { launch, type LaunchOptions, nothingLeft, type System } from '../support/system.ts'

let system: System
const start = async (options: LaunchOptions) => (system = await launch(options))
afterEach(() => system.destroy())

test('places orders down every path, each function under its own name with what its policies say', async () => {
  await start({ args: ['--once', '--permissions'] })
  expect(await system.ended(120_000)).toBe(0)
  expect(system.stdout()).toContain('10 of 10 scenarios ended as they should')
  expect(await system.leftovers()).toEqual(nothingLeft)
})

test("is refused with another's broker, as that asks nobody who he is", async () => {
  await start({ args: ['--permissions'], env: { KAFKA_BROKERS: '127.0.0.1:1' } })
  expect(await system.ended(40_000)).toBe(1)
  expect(system.stderr()).toContain('KAFKA_BROKERS')
  expect(await system.leftovers()).toEqual(nothingLeft)
})
