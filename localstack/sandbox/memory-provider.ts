import type {
  CancelOutcome,
  ChargeOutcome,
  FindOutcome,
  PaymentProvider,
  RefundOutcome,
} from '../../lambdas/services/payment/provider.ts'
import { PoisonMessageError, RetryableError } from '#engine/model/errors.ts'
import { type BookAnswer, createBook, type LedgerEntry } from './book.ts'
import type { ProviderMode } from './server.ts'

export interface MemoryProvider extends PaymentProvider {
  /** While it hangs, what is asked of it is held, and carried out when it is `up` again: charges that land late. */
  setMode(mode: ProviderMode): void
  /** The ledger: the present entry of each key, oldest key first. */
  charges(): LedgerEntry[]
}

/** The sandbox provider without a server or a clock: it answers as the HTTP adapter would after its look-up and its time-outs. `record` hears of each new line of the ledger. */
export function memoryProvider(record?: (entry: LedgerEntry) => void): MemoryProvider {
  const book = createBook([], record)
  let mode: ProviderMode = 'up'
  let held: (() => void)[] = []

  /** Undefined: no answer. What was asked may still be done later. */
  const ask = (carryOut: () => BookAnswer): BookAnswer | undefined => {
    if (mode === 'down') throw away('answers 503')
    if (mode === 'up') return carryOut()
    held.push(() => void carryOut())
    return undefined
  }
  const mustAnswer = (answer: BookAnswer | undefined): FindOutcome => {
    if (answer === undefined) throw away('did not answer')
    return outcomeOf(answer)
  }

  return {
    async charge(request): Promise<ChargeOutcome> {
      const outcome = ask(() => book.charge(request))
      if (outcome === undefined) return { outcome: 'unknown' }
      return lookedUp(outcome.kind === 'silence' ? book.find(request.key) : outcome)
    },
    async cancel(request): Promise<CancelOutcome> {
      const outcome = mustAnswer(ask(() => book.cancel(request)))
      if (outcome.outcome === 'none') throw new Error('a cancelled key is always known')
      return outcome
    },
    async refund(request): Promise<RefundOutcome> {
      const outcome = mustAnswer(ask(() => book.refund(request)))
      if (outcome.outcome === 'refunded' || outcome.outcome === 'none') return outcome
      throw new Error(`a refund was answered ${outcome.outcome}`)
    },
    find: async ({ key }) => mustAnswer(ask(() => book.find(key))),
    setMode(next) {
      mode = next
      if (mode !== 'up') return
      const landing = held
      held = []
      for (const carryOut of landing) carryOut()
    },
    charges: () => book.entries(),
  }
}

const lookedUp = (answer: BookAnswer): ChargeOutcome => {
  const outcome = outcomeOf(answer)
  return outcome.outcome === 'none' ? { outcome: 'unknown' } : outcome
}

function outcomeOf(answer: BookAnswer): FindOutcome {
  if (answer.kind === 'unavailable') throw away('answers 503')
  if (answer.kind === 'mismatch')
    throw new PoisonMessageError('the payment provider refuses the request: 422', { code: 'PROVIDER_REFUSES' })
  if (answer.kind === 'none') return { outcome: 'none' }
  const { status, paymentId = '' } = answer.entry
  if (status === 'CAPTURED') return { outcome: 'captured', paymentId }
  if (status === 'REFUNDED') return { outcome: 'refunded', paymentId }
  return status === 'DECLINED' ? { outcome: 'declined' } : { outcome: 'cancelled' }
}

const away = (what: string) => new RetryableError(`the payment provider ${what}`, { code: 'PROVIDER_AWAY' })
