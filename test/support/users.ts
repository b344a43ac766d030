import { HttpClient, Operator, tokenOf } from './http-client.ts'
import type { System } from './system.ts'
import { until } from './until.ts'

/** An operator and a customer of a system that has played its scenarios: whatever comes after is their doing alone. */
export async function usersAfterScenarios(system: System): Promise<{ operator: Operator; alice: HttpClient }> {
  const [asOperator, asAlice] = await Promise.all([
    tokenOf('--sub', 'olga', '--group', 'operators'),
    tokenOf('--sub', 'alice'),
  ])
  await system.ready()
  await until('the end of the scenarios', 90_000, () => system.stdout().includes('scenarios ended as they should'))
  return { operator: new Operator(system.url, asOperator), alice: new HttpClient(system.url, asAlice) }
}
