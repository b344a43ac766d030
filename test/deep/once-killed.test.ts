import { afterEach, describe, expect, test } from 'vitest'
import { launch, type System } from '../support/system.ts'

let system: System | undefined
afterEach(() => system?.destroy())

describe.each(['kafka', 'dynamodb'] as const)(
  'with --once, the process of %s killed with -9 in the middle of orders',
  server => {
    test('ends the run with a message that names it and a code that is not 0', async () => {
      const once = await launch({ args: ['--once'] })
      system = once
      await once.ready()
      const pid = (await once.javaPids())[server] ?? expect.fail(`there is no process of ${server}`)
      process.kill(pid, 'SIGKILL')
      expect(await once.ended(30_000)).toBe(1)
      expect(once.stderr()).toMatch(server === 'kafka' ? /recourse: Kafka.*SIGKILL/ : /recourse: DynamoDB.*SIGKILL/)
      expect(await once.leftovers()).toMatchObject({ processes: [], ports: [] })
    })
  },
)
