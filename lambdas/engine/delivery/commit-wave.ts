/**
 * One wave: each key's decision, and the commits of those that have one, in one call of the store. A key that lost a
 * condition, or that looks at what another of this wave changes, is decided on in the next.
 */
import { RetryableError } from '../model/errors.ts'
import type { Alongside, CommitResult, Item, Measure, Ref } from '../model/ports.ts'
import { added, refKey } from './alongside.ts'
import type { BatchExtension } from './consumer-extension.ts'
import { type ConsumerSettings, LIMITS } from './consumer-settings.ts'
import { decideBatch } from './decide-batch.ts'
import { finishDecision, isOfStream, rulesThrew, stopAtEvent } from './finish-decision.ts'
import { itemKeyOf, unpackItem } from './stored-item.ts'
import { type DeadRecord, failWork, type Planned, skipFirst, type Work } from './work.ts'

type Settings<State extends object> = Pick<ConsumerSettings<State>, 'aggregate' | 'store' | 'log' | 'limits'>

/** What one batch has found and made so far. */
export interface BatchProgress<State> {
  readonly extension: BatchExtension<State> | undefined
  /** The other items that decisions look at, as they are now. */
  readonly seen: Map<string, Item | undefined>
  /** Milliseconds since 1970: the same for the whole batch. */
  readonly now: number
  readonly dead: DeadRecord[]
}

/** Commits what can be committed now. `done` gets the decisions that stand; what is returned waits for the next wave. */
export async function commitWave<State extends object>(
  settings: Settings<State>,
  progress: BatchProgress<State>,
  works: readonly Work<State>[],
  done: Planned<State>[],
): Promise<Work<State>[]> {
  const { wave, later } = planWave(settings, progress, works, done)
  const results = wave.length === 0 ? [] : await commitAll(settings, wave)
  const measured: Measure[] = []
  wave.forEach((planned, i) => {
    const result = results[i] as CommitResult
    if (result.outcome === 'committed') {
      measured.push(...keepCommitted(settings, progress, planned))
      finishDecision(planned, { ...settings, dead: progress.dead })
      done.push(planned)
    } else if (hasWorkLeft(settings, progress, planned, result)) later.push(planned.work)
  })
  if (measured.length > 0) settings.log.measure(measured)
  return later
}

/**
 * Decides for every key. One decision counts on what those before it take from a shared item, as long as its own commit
 * has a condition on that item; one that only looks at such an item waits until it is known what was taken.
 */
function planWave<State extends object>(
  settings: Settings<State>,
  progress: BatchProgress<State>,
  works: readonly Work<State>[],
  done: Planned<State>[],
): { wave: Planned<State>[]; later: Work<State>[] } {
  const { seen } = progress
  const later: Work<State>[] = []
  const wave: Planned<State>[] = []
  /** What is changed in this wave, as it will be. */
  const changed = new Map<string, Item | undefined>()
  for (const work of works) {
    const counted = new Set<string>()
    const planned = planOrIsolate(settings, progress, work, ref => {
      const id = refKey(ref)
      if (!changed.has(id)) return seen.get(id)
      counted.add(id)
      return changed.get(id)
    })
    if (!planned) {
      if (work.queue.length > 0) later.push(work)
      continue
    }
    const changes = planned.decision.commit?.alongside ?? []
    for (const change of changes) counted.delete(refKey(change.ref))
    if (counted.size > 0) {
      later.push(work)
      continue
    }
    if (planned.decision.commit) {
      wave.push(planned)
      for (const change of changes) changed.set(refKey(change.ref), after(changed, seen, change))
    } else {
      finishDecision(planned, { ...settings, dead: progress.dead })
      done.push(planned)
    }
  }
  return { wave, later }
}

/** What rules compute beside their decisions, such as the fields of an index, may throw too: undefined then, and one message goes. */
function planOrIsolate<State extends object>(
  settings: Settings<State>,
  progress: BatchProgress<State>,
  work: Work<State>,
  read: (ref: Ref) => Item | undefined,
): Planned<State> | undefined {
  try {
    return plan(settings, progress, work, read)
  } catch (error) {
    const [first, second] = work.queue
    // First it is found which of them does it.
    if (second && work.maxMessages === undefined) work.maxMessages = 1
    else if (first) {
      settings.log.error('message.rules-threw', { sagaId: work.key, type: first.message.type, error })
      if (isOfStream(first.message, settings)) {
        stopAtEvent(work.queue, error, progress)
        work.queue = []
      } else {
        progress.dead.push(rulesThrew(first, error))
        skipFirst(work)
      }
      work.maxMessages = undefined
    }
    return undefined
  }
}

function plan<State extends object>(
  { aggregate }: Settings<State>,
  { now, extension }: BatchProgress<State>,
  work: Work<State>,
  read: (ref: Ref) => Item | undefined,
): Planned<State> {
  const decision = decideBatch({
    aggregate,
    key: work.key,
    stored: work.stored,
    messages: work.queue.map(delivery => delivery.message),
    now,
    read,
    hasUnacknowledged: work.hasUnacknowledged,
    ...(extension && { streamAfter: alongside => extension.streamAfter(work, alongside) }),
    ...(work.call?.answer && { answer: work.call.answer }),
    ...(work.maxMessages !== undefined && { maxMessages: work.maxMessages }),
  })
  return { work, decision, taken: work.queue.slice(0, decision.taken) }
}

async function commitAll<State extends object>(
  { aggregate, store }: Settings<State>,
  wave: readonly Planned<State>[],
): Promise<CommitResult[]> {
  return store.commit(
    wave.map(({ work, decision }) => ({
      ref: itemKeyOf(aggregate, work.key),
      previous: work.stored?.item,
      item: decision.commit?.stored.item as Item,
      ...(decision.commit && decision.commit.alongside.length > 0 && { alongside: decision.commit.alongside }),
    })),
  )
}

/** The commit is written: later decisions of this batch see what it left. Its measures. */
function keepCommitted<State extends object>(
  settings: Settings<State>,
  { seen, extension }: BatchProgress<State>,
  { work, decision: { commit } }: Planned<State>,
): readonly Measure[] {
  if (!commit) return []
  const measures = measuresOf(settings, work.stored?.state, commit.stored.state)
  work.stored = commit.stored
  work.hasUnacknowledged = true
  for (const change of commit.alongside) seen.set(refKey(change.ref), after(seen, seen, change))
  extension?.committed(work, commit.alongside)
  return measures
}

/** A metric is no reason to do a commit again. */
function measuresOf<State extends object>(
  { aggregate, log }: Settings<State>,
  before: State | undefined,
  after: State,
): readonly Measure[] {
  try {
    return aggregate.measures?.(before, after) ?? []
  } catch (error) {
    log.error('measures.threw', { aggregate: aggregate.type, error })
    return []
  }
}

/** The commit is not written: whether its key is decided on again in this batch. */
function hasWorkLeft<State extends object>(
  settings: Settings<State>,
  { seen, extension, dead }: BatchProgress<State>,
  { work, taken }: Planned<State>,
  result: Exclude<CommitResult, { outcome: 'committed' }>,
): boolean {
  if (result.outcome === 'lost') {
    settings.log.count('lostConditions', 1)
    work.stored = result.present ? unpackItem<State>(result.present) : work.stored
    for (const other of result.alongside) {
      seen.set(refKey(other.ref), other.present)
      extension?.lostCondition(work, other)
    }
    return mayTryAgain(settings, work)
  }
  if (result.outcome === 'failed') {
    failWork(work, result.error)
    return false
  }
  if (taken.length > 1) {
    work.maxMessages = 1
    return true
  }
  const [delivery] = taken
  if (delivery) dead.push({ record: delivery.record, reason: 'TOO_LARGE', error: result.error.message })
  skipFirst(work)
  return work.queue.length > 0
}

/** Another writer was first. An answer that came meanwhile was for a state that is gone: its message is decided on from the start. */
function mayTryAgain<State extends object>({ aggregate, limits }: Settings<State>, work: Work<State>): boolean {
  if (++work.lostConditions <= { ...LIMITS, ...limits }.lostConditionsMax) {
    work.call = undefined
    return true
  }
  failWork(
    work,
    new RetryableError(`${aggregate.type} ${work.key} changed ${work.lostConditions} times while it was decided on`, {
      code: 'CONTENTION',
      sagaId: work.key,
    }),
  )
  return false
}

/** An item after a change of it, as far as it is known: in `first`, else in `second`. */
function after(
  first: ReadonlyMap<string, Item | undefined>,
  second: ReadonlyMap<string, Item | undefined>,
  change: Alongside,
): Item | undefined {
  if (change.kind === 'insert') return change.item
  const id = refKey(change.ref)
  const item = first.has(id) ? first.get(id) : second.get(id)
  return item && added(item, change.add)
}
