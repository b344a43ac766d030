import { randomUUID } from 'node:crypto'
import type { LocalFunction } from './functions/function.ts'
import { ACCOUNT, REGION } from './template/resource-types.ts'
import type { SchedulePlan } from './template/plan-types.ts'

export interface Schedules {
  stop(): void
}

interface SchedulePorts {
  readonly functionOf: (name: string) => LocalFunction
  /** Seconds between two invocations here, whatever the rule says. */
  readonly everySeconds: number
  /** Whether what functions need is there: a tick during an outage is left out, the next one does its work. */
  readonly up: () => boolean
  readonly show: (line: string) => void
}

/** Invokes what the rules point to, from now on. A tick is left out while the one before is still at work. */
export function startSchedules(
  plans: readonly SchedulePlan[],
  { functionOf, everySeconds, up, show }: SchedulePorts,
): Schedules {
  const timers = plans.map(plan => {
    const fn = functionOf(plan.functionName)
    let running = false
    const tick = async () => {
      if (running || !up()) return
      running = true
      try {
        await fn.invoke(plan.input ?? scheduledEvent(plan.ruleArn))
      } catch (error) {
        if (up()) show(String(error))
      } finally {
        running = false
      }
    }
    return setInterval(() => void tick(), everySeconds * 1000)
  })
  return { stop: () => timers.forEach(timer => clearInterval(timer)) }
}

/** As EventBridge sends it. */
const scheduledEvent = (ruleArn: string) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ACCOUNT,
  time: new Date().toISOString(),
  region: REGION,
  resources: [ruleArn],
  detail: {},
})
