import { garbage, givingUp, handledAfterAll } from './letters.ts'
import { atOnce, ofOthers } from './many.ts'
import { lateOrder, lateQuote } from './time.ts'
import { everyRoute, republished, scenarios, whatOperatorsDo } from './users.ts'
import type { World } from './world.ts'

/** Does everything for which a function needs a permission. Ends with the tables gone. */
export async function doEverything(world: World): Promise<void> {
  await scenarios(world)
  await everyRoute(world)
  await whatOperatorsDo(world)
  await republished(world)
  await lateOrder(world)
  await lateQuote(world)
  await ofOthers(world)
  await garbage(world)
  await handledAfterAll(world)
  await atOnce(world)
  await givingUp(world)
}
