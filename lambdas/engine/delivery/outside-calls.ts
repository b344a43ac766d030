import { PoisonMessageError } from '../model/errors.ts'
import { type ConsumerSettings, LIMITS } from './consumer-settings.ts'
import { type DeadRecord, failWork, skipFirst, type Work } from './work.ts'

/** Makes the calls that these keys' decisions wait for, several at once. Each answer is kept for the next decision. */
export async function makeCalls<State extends object>(
  { aggregate, calls = {}, limits }: Pick<ConsumerSettings<State>, 'aggregate' | 'calls' | 'limits'>,
  works: readonly Work<State>[],
  dead: DeadRecord[],
): Promise<void> {
  const { callsAtOnce, callsAMessageMax } = { ...LIMITS, ...limits }
  const waiting = works.filter(work => work.call?.pending !== undefined)
  let next = 0
  const worker = async () => {
    for (let work = waiting[next++]; work !== undefined; work = waiting[next++]) {
      const pending = work.call?.pending
      const delivery = work.call?.delivery
      if (!pending || !delivery) continue
      try {
        const caller = calls[pending.call.name]
        if (!caller) throw new Error(`nobody makes the call ${pending.call.name}`)
        if (++work.calls > callsAMessageMax)
          throw new Error(`${aggregate.type} ${work.key} requests one call after the other`)
        work.call = {
          delivery,
          answer: { value: await caller(pending.call.request as never), call: pending.call.name },
        }
      } catch (error) {
        if (error instanceof PoisonMessageError) {
          dead.push({ record: delivery.record, reason: 'REFUSED', error: error.message })
          skipFirst(work)
          work.calls = 0
        } else failWork(work, error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(callsAtOnce, waiting.length) }, worker))
}
