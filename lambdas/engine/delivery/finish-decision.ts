import { PoisonMessageError } from '../model/errors.ts'
import type { Log } from '../model/ports.ts'
import type { BatchDecision } from './batch-decision.ts'
import { senderIdOf } from './message-identity.ts'
import type { DeadRecord, Delivery, Planned, Work } from './work.ts'

/** The decisions on these messages stand: what becomes of each, and what still waits for its key. */
export function finishDecision<State>({ work, decision, taken }: Planned<State>, log: Log, dead: DeadRecord[]): void {
  decision.fates.forEach((fate, i) => finishMessage(fate, { work, delivery: taken[i] as Delivery, log, dead }))
  const last = decision.fates.at(-1)
  const lastDelivery = taken.at(-1)
  const hasFailed = last?.fate === 'bug' && lastDelivery?.failed !== undefined
  // What follows a failed message of the same key waits for its redelivery.
  if (hasFailed) for (const delivery of work.queue.slice(taken.length)) delivery.failed = lastDelivery.failed
  const stays = decision.call ? taken.length - 1 : taken.length
  work.queue = hasFailed ? [] : work.queue.slice(stays)
  if (!decision.call) work.calls = 0
  work.call = decision.call && lastDelivery ? { delivery: lastDelivery, pending: decision.call } : undefined
  work.maxMessages = undefined
}

function finishMessage<State>(
  { message, fate, why, error, unexpected }: BatchDecision<State>['fates'][number],
  { work, delivery, log, dead }: { work: Work<State>; delivery: Delivery; log: Log; dead: DeadRecord[] },
): void {
  const named = { sagaId: message.sagaId, messageId: senderIdOf(message.id), type: message.type }
  if (unexpected) {
    log.count('unexpectedEffects', 1)
    log.error('message.unexpected-effect', {
      code: 'UNEXPECTED_EFFECT',
      ...named,
      why: 'it says that a step was done which its saga has refused, given up or undone',
    })
  }
  if (fate === 'again') {
    log.count('duplicates', 1)
    // Not acknowledged yet: a commit of this batch must not forget it.
    work.hasUnacknowledged = true
  }
  if (fate === 'ignored') {
    log.count('ignored', 1)
    log.info('message.ignored', { ...named, why })
  }
  if (fate === 'refused') dead.push({ record: delivery.record, reason: 'REFUSED', error: why ?? 'refused' })
  if (fate === 'bug') {
    if (error instanceof PoisonMessageError)
      dead.push({ record: delivery.record, reason: 'REFUSED', error: error.message })
    else {
      log.error('message.rules-threw', { ...named, error })
      delivery.failed = error ?? new Error('a decision threw')
    }
  }
}
