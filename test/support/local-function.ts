import type { LocalFunction } from '../../localstack/runtime/functions/function.ts'

/** A function that a test is, as event sources invoke it: it counts nothing and never has to be stopped. */
export const localFunction = (
  name: string,
  invoke: LocalFunction['invoke'],
  { timeoutSeconds = 5 } = {},
): LocalFunction => ({
  name,
  timeoutSeconds,
  invoke,
  stats: async () => ({ invocations: 0, errors: 0, timeouts: 0, databaseCalls: 0, cpuMs: 0, initMs: 0 }),
  stop: async () => {},
})
