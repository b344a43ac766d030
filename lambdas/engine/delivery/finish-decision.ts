import type { AnyAggregate } from '../model/aggregate.ts'
import { ConfigurationError, PoisonMessageError } from '../model/errors.ts'
import type { Log } from '../model/ports.ts'
import type { BatchDecision } from './batch-decision.ts'
import { senderIdOf } from './message-identity.ts'
import { describeThrown } from './thrown.ts'
import type { DeadRecord, Delivery, Planned, Work } from './work.ts'

interface Finishing {
  readonly aggregate: Pick<AnyAggregate, 'stream'>
  readonly log: Log
  readonly dead: DeadRecord[]
}

/** The decisions on these messages stand: what becomes of each, and what still waits for its key. */
export function finishDecision<State>({ work, decision, taken }: Planned<State>, finishing: Finishing): void {
  decision.fates.forEach((fate, i) => finishMessage(fate, { work, delivery: taken[i] as Delivery, ...finishing }))
  const last = decision.fates.at(-1)
  const lastDelivery = taken.at(-1)
  const behind = work.queue.slice(taken.length)
  const hasFailed = last?.fate === 'bug' && lastDelivery?.failed !== undefined
  // What follows a failed message of the same key waits for its redelivery.
  if (hasFailed) for (const delivery of behind) delivery.failed = lastDelivery.failed
  const stops = last?.fate === 'bug' && isOfStream(last.message, finishing)
  if (stops) stopAtEvent(behind, last.error, finishing)
  const stays = decision.call ? taken.length - 1 : taken.length
  work.queue = hasFailed || stops ? [] : work.queue.slice(stays)
  if (!decision.call) work.calls = 0
  work.call = decision.call && lastDelivery ? { delivery: lastDelivery, pending: decision.call } : undefined
  work.maxMessages = undefined
}

function finishMessage<State>(
  { message, fate, why, error, unexpected }: BatchDecision<State>['fates'][number],
  { work, delivery, aggregate, log, dead }: Finishing & { work: Work<State>; delivery: Delivery },
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
  if (fate === 'duplicate') {
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
    // The deployment lacks something, and mending that is enough: it is no dead letter.
    else if (error instanceof ConfigurationError) delivery.failed = error
    else {
      log.error('message.rules-threw', { ...named, error })
      // Rules are pure: they would throw again. Once they are mended, a redrive handles it as if it were new.
      if (!isOfStream(message, { aggregate })) dead.push(rulesThrew(delivery, error))
    }
  }
}

export const rulesThrew = ({ record }: Delivery, error: unknown): DeadRecord => ({
  record,
  reason: 'RULES_THREW',
  error: describeThrown(error),
})

/** An event of the stream that drives the aggregate: it is no record, and none may be skipped. */
export const isOfStream = (message: { readonly control?: boolean }, { aggregate }: Pick<Finishing, 'aggregate'>) =>
  aggregate.stream?.drives !== undefined && !message.control

/**
 * The stream goes no further than the event on which the rules threw. What only triggered it is done, as whatever triggers
 * the stream next finds that event; wake-ups and operators' actions behind it are dead letters, and lead on once they are
 * redriven. So no shard of the change feed waits for the repair of one key.
 */
export function stopAtEvent(behind: readonly Delivery[], error: unknown, { dead }: Pick<Finishing, 'dead'>): void {
  for (const delivery of behind) if (delivery.message.control) dead.push(rulesThrew(delivery, error))
}
