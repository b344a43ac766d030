import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LocalFunction } from '../../../localstack/runtime/functions/function.ts'
import { startSchedules } from '../../../localstack/runtime/schedules.ts'

const plan = { name: 'sweep', ruleArn: 'arn:aws:events:x:1:rule/sweep', functionName: 'timeouts', everySeconds: 60 }
beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function start(invoke: (event: unknown) => Promise<unknown>, up = () => true) {
  const events: unknown[] = []
  const shown: string[] = []
  const fn: LocalFunction = {
    name: 'timeouts',
    timeoutSeconds: 60,
    stop: async () => {},
    stats: () => Promise.reject(new Error('not asked for')),
    invoke: event => {
      events.push(event)
      return invoke(event)
    },
  }
  const schedules = startSchedules([plan], {
    functionOf: () => fn,
    everySeconds: 5,
    up,
    show: line => shown.push(line),
  })
  return { events, shown, schedules }
}

describe('schedules', () => {
  it("invoke their function with EventBridge's event, as often as this machine is told to", async () => {
    const { events, schedules } = start(async () => undefined)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(events).toHaveLength(3)
    expect(events[0]).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      resources: [plan.ruleArn],
    })
    schedules.stop()
    await vi.advanceTimersByTimeAsync(15_000)
    expect(events).toHaveLength(3)
  })

  it('leave a tick out while the one before is at work, and while servers are away', async () => {
    let finish = () => {}
    let up = true
    const { events, schedules } = start(
      () => new Promise<void>(resolve => (finish = resolve)),
      () => up,
    )
    await vi.advanceTimersByTimeAsync(20_000)
    expect(events).toHaveLength(1)
    finish()
    up = false
    await vi.advanceTimersByTimeAsync(20_000)
    expect(events).toHaveLength(1)
    schedules.stop()
  })

  it('go on after a failure, and show it', async () => {
    const { events, shown, schedules } = start(() => Promise.reject(new Error('timeouts: no')))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(events).toHaveLength(2)
    expect(shown).toEqual(['Error: timeouts: no', 'Error: timeouts: no'])
    schedules.stop()
  })
})
