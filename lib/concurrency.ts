/**
 * How many invocations of a function run at once, at most: what is reserved for it. Reserving costs nothing, but takes from
 * what the account has, and leaves 100 to the functions of others, as AWS demands.
 *
 * A consumer is given as many as its event sources can ever start, so that it is never throttled: a throttled batch waits,
 * and its records grow older for no reason. An event source starts one for each partition, and five for each poller. What
 * never gives up (dead letters) may be throttled, and has a number of its own, whatever number of topics it reads.
 * An API that is busy answers 429; its number follows from requests a second and the time that each takes.
 */
import type { WiredFunction } from '#engine/catalog/wiring.ts'
import { SettingsError, type StageSettings } from './config.ts'

/** Of Lambda's pollers in provisioned mode. */
const INVOCATIONS_A_POLLER = 5
/** What CloudFormation refuses to go below. */
const UNRESERVED_MIN = 100

type Bounds = Pick<StageSettings, 'partitions' | 'pollers' | 'concurrency'>

export function concurrencyOf(
  { kind, sources, deadLetterTopics = [], feeds, streams, everySeconds }: WiredFunction,
  { partitions, pollers, concurrency }: Bounds,
): number {
  if (kind === 'http') return concurrency.http
  const aSource = Math.min(partitions, pollers.maximum * INVOCATIONS_A_POLLER)
  return (
    sources.length * aSource +
    (deadLetterTopics.length > 0 ? concurrency.deadLetters : 0) +
    (feeds.length + streams.length) * concurrency.feed +
    (everySeconds === undefined ? 0 : 1)
  )
}

/** Throws a SettingsError if the stage reserves more than its account can give. */
export function checkConcurrency(functions: readonly WiredFunction[], settings: StageSettings) {
  const { stage, concurrency } = settings
  if (!concurrency.reserved) return
  const reserved = functions.reduce((sum, wired) => sum + concurrencyOf(wired, settings), 0)
  const most = concurrency.accountQuota - UNRESERVED_MIN
  if (reserved > most)
    throw new SettingsError(
      `stage "${stage}" (lib/config.ts): its functions reserve ${reserved} concurrent executions, and with ` +
        `concurrency.accountQuota ${concurrency.accountQuota} AWS lets ${Math.max(0, most)} be reserved: ask Service Quotas for more, ` +
        `lower concurrency.http, concurrency.feed or partitions, or set concurrency.reserved to false`,
    )
}
