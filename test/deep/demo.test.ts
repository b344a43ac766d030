import { afterAll, beforeEach, expect, test } from 'vitest'
import { launch, nothingLeft, type System, tellWhenFailed } from '../support/system.ts'
import { until } from '../support/until.ts'

/** `npm run demo:crash`, as whoever tries it sees it. */
let demo: System
const launched: System[] = []
beforeEach(async context => {
  tellWhenFailed(() => demo)(context)
  demo = await launch({ script: 'localstack/demo/crash.ts' })
  launched.push(demo)
})
afterAll(() => Promise.all(launched.map(each => each.destroy())))

test('the demonstration kills the runtime in the middle of 50 orders; all ends, adds up, and leaves nothing behind', async () => {
  expect(await demo.ended(240_000)).toBe(0)
  const outgoing = demo.stdout()
  const [, ended, underWay, toCome] =
    /(\d+) orders had ended, (\d+) were under way, (\d+) were still to be placed/.exec(outgoing)?.map(Number) ?? []
  expect([ended, underWay, toCome].map(count => (count ?? 0) > 0)).toEqual([true, true, true])
  expect((ended ?? 0) + (underWay ?? 0) + (toCome ?? 0)).toBe(50)
  expect(outgoing).toMatch(/^in all +50$/m)
  expect(outgoing).toMatch(/^tea +100 +\d+ +\d+ +adds up$/m)
  expect(outgoing).toMatch(/^\d+ charges were captured +\d+\.\d\d EUR +adds up$/m)
  expect(outgoing).toContain('Nothing was lost and nothing happened twice: stock and money add up.')
  expect(await demo.leftovers()).toEqual(nothingLeft)
})

test.each([
  ['before the kill', /placing 50 orders/],
  ['while it starts again', /starting it again/],
])('interrupted %s it leaves nothing behind either', async (_, line) => {
  await until('the moment', 120_000, () => line.test(demo.stdout()))
  expect(await demo.stop('SIGINT')).toEqual({ code: 130, ...nothingLeft })
})
