/** What a log has of messages: which saga, which message, what it led to. Ids and types alone, never what is in them. */
import type { Log } from '../model/ports.ts'
import type { BatchDecision, Effects } from './batch-decision.ts'
import { senderIdOf } from './message-identity.ts'

type Outgoing = Effects['sent'][number]

const ids = ({ type, id }: Pick<Outgoing, 'type' | 'id'>) => ({ type, messageId: id })

/** The part of a `traceparent` that all messages of a saga share (W3C Trace Context). */
const traceIdOf = (traceparent: string | undefined) => traceparent?.split('-', 2)[1]

/**
 * One line for each message whose decision stands and whose effects are carried out; ignored, refused and failed ones
 * have lines of their own, with their reasons. `traceOf`: of a message by its id.
 */
export function logHandled(
  log: Pick<Log, 'info'>,
  { fates, effects }: Pick<BatchDecision<unknown>, 'fates' | 'effects'>,
  traceOf: (messageId: string) => string | undefined,
): void {
  for (const { message, fate } of fates) {
    if (fate !== 'committed' && fate !== 'answered' && fate !== 'duplicate') continue
    const outgoing = effects.sent.filter(({ cause }) => cause === message.id).map(ids)
    const { sagaId, type, id } = message
    log.info(fate === 'duplicate' ? 'message.duplicate' : 'message.handled', {
      sagaId,
      messageId: senderIdOf(id),
      type,
      ...(outgoing.length > 0 && { published: outgoing }),
      traceId: traceIdOf(traceOf(id)),
    })
  }
}

/** One line for each item whose change came over HTTP, and was published. */
export function logPublished(log: Pick<Log, 'info'>, sent: Effects['sent']): void {
  for (const [sagaId, outgoing] of Map.groupBy(sent, one => one.sagaId))
    log.info('message.published', { sagaId, published: outgoing.map(ids) })
}
