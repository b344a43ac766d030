/**
 * What deadlines and operators send to an orchestrator (`saga-control`). They reach it as messages so that they are in
 * order with each other, and with nothing else: each names the version of the saga that its sender saw.
 */
import * as z from 'zod'
import { messagesOf } from '../model/messages.ts'

const who = z.string().min(1).max(256)
const aimed = {
  /** The saga's name: every orchestrator reads the topic, and ignores what is another's. */
  saga: z.string().min(1).max(64),
  /** The version of the saga's item that the sender saw. */
  version: z.int().nonnegative(),
}
const operators = { ...aimed, reason: z.string().max(1000).optional(), by: who.optional() }

const control = messagesOf('saga', 'sagaId')
export const SagaWakeUp = control.command('SagaWakeUp', z.object(aimed), {
  description: 'From the sweeper: the deadline that the saga waits for has passed. It may come late.',
  done: [],
})
export const SagaRetry = control.command('SagaRetry', z.object(operators), {
  description: 'From an operator: send the command that is waited for once more.',
  done: [],
})
export const SagaAbort = control.command('SagaAbort', z.object(operators), {
  description: 'From an operator: give up and undo what was done; only before the point of no return.',
  done: [],
})
export const SagaResolve = control.command(
  'SagaResolve',
  z.object({
    ...operators,
    outcome: z.enum(['done', 'refused']),
    reply: z.record(z.string(), z.unknown()).optional(),
  }),
  {
    description:
      'From an operator: this is what the missing reply was. `reply` is its data, or `{type, data}` where there are several to choose from.',
    done: [],
  },
)

export const controlMessages = [SagaWakeUp, SagaRetry, SagaAbort, SagaResolve] as const

/** Whatever the wiring, control has a topic of its own. */
export const CONTROL_TOPIC = 'saga-control'
