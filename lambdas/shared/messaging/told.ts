/** What a log tells of messages: which saga, which message, what it led to. Ids and types alone, never what is in them. */
import type { Log } from '../ports.ts'
import type { Effects, Folded } from './fold.ts'
import { senderIdOf } from './message-identity.ts'

type Said = Effects['sent'][number]

const ids = ({ type, id }: Pick<Said, 'type' | 'id'>) => ({ type, messageId: id })

/** The part of a `traceparent` that all messages of a saga share (W3C Trace Context). */
const traceIdOf = (traceparent: string | undefined) => traceparent?.split('-', 2)[1]

/**
 * One line for each message whose decision stands and whose effects are carried out; ignored, refused and failed ones
 * have lines of their own, with their reasons. `traceOf`: of a message by its id.
 */
export function tellHandled(
  log: Pick<Log, 'info'>,
  { fates, effects }: Pick<Folded<unknown>, 'fates' | 'effects'>,
  traceOf: (messageId: string) => string | undefined,
): void {
  for (const { heard, fate } of fates) {
    if (fate !== 'committed' && fate !== 'answered' && fate !== 'again') continue
    const said = effects.sent.filter(({ cause }) => cause === heard.id).map(ids)
    const { sagaId, type, id } = heard
    log.info(fate === 'again' ? 'handled before' : 'handled', {
      sagaId,
      messageId: senderIdOf(id),
      type,
      ...(said.length > 0 && { said }),
      traceId: traceIdOf(traceOf(id)),
    })
  }
}

/** One line for each item whose change came over HTTP, and was published. */
export function tellPublished(log: Pick<Log, 'info'>, sent: Effects['sent']): void {
  for (const [sagaId, said] of Map.groupBy(sent, one => one.sagaId))
    log.info('published', { sagaId, said: said.map(ids) })
}
