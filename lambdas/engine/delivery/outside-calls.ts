import type { Clock } from '../model/ports.ts'
import { PoisonMessageError, RetryableError } from '../model/errors.ts'
import { type Caller, type ConsumerSettings, type Limits, LIMITS } from './consumer-settings.ts'
import { senderIdOf } from './message-identity.ts'
import { type DeadRecord, failWork, skipFirst, type Work } from './work.ts'

type Settings<State extends object> = Pick<ConsumerSettings<State>, 'aggregate' | 'calls' | 'limits' | 'clock' | 'log'>

export interface OutsideCalls<State> {
  /** Makes the call that this key's decision waits for. Never throws. */
  start(work: Work<State>): void
  /** Keys whose answers are there; those that are slower than others are not waited for. None: nothing is under way. */
  next(): Promise<Work<State>[]>
  isUnderWay(): boolean
  /** Resolves when no call is under way any more. */
  end(): Promise<void>
}

/** The outside calls of one batch, several at once. Each answer is kept for the key's next decision. */
export function outsideCalls<State extends object>(settings: Settings<State>, dead: DeadRecord[]): OutsideCalls<State> {
  const { callsAtOnce, graceMs } = { ...LIMITS, ...settings.limits }
  const waiting: Work<State>[] = []
  const underWay = new Set<Promise<void>>()
  let answered: Work<State>[] = []

  function begin() {
    for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
      const called = work
      const call = makeCall(settings, called, dead).then(() => {
        underWay.delete(call)
        answered.push(called)
        begin()
      })
      underWay.add(call)
      if (underWay.size >= callsAtOnce) return
    }
  }
  async function end() {
    while (underWay.size > 0) await Promise.all(underWay)
  }

  return {
    start(work) {
      waiting.push(work)
      if (underWay.size < callsAtOnce) begin()
    },
    async next() {
      if (underWay.size > 0) await Promise.race(underWay)
      // Those that take as long as the first are decided on together with it.
      if (underWay.size > 0) await Promise.race([end(), settings.clock.sleep(graceMs)])
      const works = answered
      answered = []
      return works
    },
    isUnderWay: () => underWay.size > 0 || answered.length > 0,
    end,
  }
}

async function makeCall<State extends object>(
  { aggregate, calls = {}, limits, clock, log }: Settings<State>,
  work: Work<State>,
  dead: DeadRecord[],
): Promise<void> {
  const { pending, delivery } = work.call ?? {}
  if (!pending || !delivery) return
  const bounds = { ...LIMITS, ...limits }
  try {
    const caller = calls[pending.call.name]
    if (!caller) throw new Error(`nobody makes the call ${pending.call.name}`)
    if (++work.calls > bounds.callsAMessageMax)
      throw new Error(`${aggregate.type} ${work.key} requests one call after the other`)
    work.call = {
      delivery,
      answer: { value: await tried(caller, pending.call.request, { clock, bounds }), call: pending.call.name },
    }
  } catch (error) {
    if (error instanceof PoisonMessageError) {
      dead.push({ record: delivery.record, reason: 'REFUSED', error: error.message })
      leave(work)
    } else if (error instanceof RetryableError && delivery.message.isRetriedBySaga) {
      // Its saga's clock asks again, so no partition waits until the other side is back.
      const { id, sagaId, type } = delivery.message
      log.count('callsLeft', 1, { call: pending.call.name })
      log.warn('call.left', { sagaId, messageId: senderIdOf(id), type, call: pending.call.name, error })
      leave(work)
    } else failWork(work, error)
  }
}

/** The message at the head of the queue waits for its call no longer; those behind it go on. */
function leave<State>(work: Work<State>): void {
  skipFirst(work)
  work.calls = 0
}

/** A call that certainly had no effect is made again at once: a connection that was reset is no outage. */
async function tried(
  caller: Caller,
  request: unknown,
  { clock, bounds }: { readonly clock: Clock; readonly bounds: Limits },
): Promise<unknown> {
  const until = clock.now() + bounds.triesWithinMs
  for (let n = 1, pause = bounds.tryPauseMs; ; n++, pause *= 2) {
    try {
      return await caller(request as never)
    } catch (error) {
      const mayTryAgain = error instanceof RetryableError && n < bounds.triesMax && clock.now() + pause < until
      if (!mayTryAgain) throw error
      await clock.sleep(pause)
    }
  }
}
