import type { SourcePlan } from '../template/plan-types.ts'

/**
 * One batch, delivered as Lambda's event source mappings do: again with growing pauses until it is handled, only what the
 * function reports as failed, split in two where it fails as a whole, and at last given up on. Shared by both kinds of
 * event source; knows neither Kafka nor DynamoDB.
 */
export interface DeliveryPorts<Item> {
  /** Throws whatever the function threw. */
  invoke(items: readonly Item[]): Promise<unknown>
  /** The identifier that a partial batch response names the item by. */
  identify(item: Item): string
  /** The identifier that one entry of `batchItemFailures` holds; undefined if it has not the shape of one. */
  reported(itemIdentifier: unknown): string | undefined
  /** A stream is delivered again from its first reported item on; a topic's partition only in what is reported. */
  readonly fromFirstReported: boolean
  /** Milliseconds since 1970. */
  readonly createdAt: (item: Item) => number
  /** What is given up on; resolves when that is safely kept elsewhere. */
  giveUp(items: readonly Item[], why: GivenUp): Promise<void>
  /** These need no delivery any more. `pending`: what of the batch still does, in order. */
  settled(pending: readonly Item[]): void
  readonly now: () => number
  /** Resolves after `ms`, or at once when the source is being stopped. */
  pause(ms: number): Promise<void>
  stopping(): boolean
  /** Resolves when every server is there. */
  serversUp(): Promise<void>
}

export interface GivenUp {
  readonly condition: 'RetryAttemptsExhausted' | 'MaximumRecordAgeExceeded'
  readonly attempts: number
  readonly error: unknown
}

type Policy = Pick<SourcePlan, 'bisects' | 'retryAttemptsMax' | 'recordAgeSecondsMax' | 'reportsItemFailures'>

/**
 * Pauses between attempts, in milliseconds: doubling from the first to the longest. AWS does not say how long Lambda's
 * are. With these 10,000 retries last for more than a day, and who waited goes on within seconds of the repair.
 */
const PAUSES = { first: 200, longest: 10_000 }

interface Part<Item> {
  readonly items: readonly Item[]
  /** Deliveries that failed. */
  readonly attempts: number
  readonly error?: unknown
}

/** Resolves when every item is handled or given up on, or when the source is being stopped: then `settled` was told what is left. */
export async function deliver<Item>(batch: readonly Item[], policy: Policy, ports: DeliveryPorts<Item>): Promise<void> {
  let parts: readonly Part<Item>[] = [{ items: batch, attempts: 0 }]
  const goOn = (next: readonly Part<Item>[]) => {
    parts = next
    ports.settled(parts.flatMap(({ items }) => items))
  }
  while (!ports.stopping()) {
    const [part, ...rest] = parts
    if (!part) return
    const hopeless = hopelessOf(part, policy, ports)
    if (hopeless) {
      const { items, why } = hopeless
      await giveUp(items, why, ports)
      const left = part.items.filter(item => !items.includes(item))
      goOn(left.length > 0 ? [{ ...part, items: left }, ...rest] : rest)
      continue
    }
    await ports.serversUp()
    const failed = await attempt(part, policy, ports)
    goOn([...failed, ...rest])
    if (failed[0] && !hopelessOf(failed[0], policy, ports)) await ports.pause(pauseAfter(failed[0].attempts))
  }
}

/** What of a part has used up its attempts or is too old; undefined if it is worth another attempt. */
function hopelessOf<Item>(
  { items, attempts, error }: Part<Item>,
  { retryAttemptsMax, recordAgeSecondsMax }: Policy,
  { now, createdAt }: DeliveryPorts<Item>,
): { items: readonly Item[]; why: GivenUp } | undefined {
  if (retryAttemptsMax >= 0 && attempts > retryAttemptsMax)
    return { items, why: { condition: 'RetryAttemptsExhausted', attempts, error } }
  const oldest = now() - recordAgeSecondsMax * 1000
  const tooOld = recordAgeSecondsMax < 0 ? [] : items.filter(item => createdAt(item) < oldest)
  return tooOld.length > 0
    ? { items: tooOld, why: { condition: 'MaximumRecordAgeExceeded', attempts, error } }
    : undefined
}

const pauseAfter = (attempts: number) => Math.min(PAUSES.longest, PAUSES.first * 2 ** Math.max(0, attempts - 1))

/** What must be delivered again after one invocation: nothing, what was reported, everything, or two halves of it. */
async function attempt<Item>(
  part: Part<Item>,
  policy: Policy,
  ports: DeliveryPorts<Item>,
): Promise<readonly Part<Item>[]> {
  const { items, attempts } = part
  try {
    const answer = await ports.invoke(items)
    const failed = policy.reportsItemFailures ? failedOf(answer, items, ports) : []
    if (failed.length === 0) return []
    return [
      {
        items: failed,
        attempts: movedOn(failed, items, ports) ? 1 : attempts + 1,
        error: new Error('reported as failed by the function'),
      },
    ]
  } catch (error) {
    if (!policy.bisects || items.length === 1) return [{ items, attempts: attempts + 1, error }]
    const middle = Math.ceil(items.length / 2)
    return [items.slice(0, middle), items.slice(middle)].map(half => ({ items: half, attempts, error }))
  }
}

/**
 * Whether what fails is another than before. A stream stops at the first that fails: behind it all waits, and begins anew.
 * What is left of a topic's batch has failed in each of its deliveries, and "the maximum number of times Lambda retries"
 * counts all of them, whatever else of the batch was handled meanwhile.
 */
const movedOn = <Item>(failed: readonly Item[], items: readonly Item[], ports: DeliveryPorts<Item>) =>
  ports.fromFirstReported && failed.length < items.length

/** Throws if the response is malformed or names what is not in the batch: the whole batch has failed then. */
export function failedOf<Item>(
  answer: unknown,
  items: readonly Item[],
  ports: Pick<DeliveryPorts<Item>, 'identify' | 'reported' | 'fromFirstReported'>,
): Item[] {
  if (answer === null || answer === undefined) return []
  const failures = typeof answer === 'object' && 'batchItemFailures' in answer ? answer.batchItemFailures : undefined
  if (failures === undefined || failures === null) return []
  if (!Array.isArray(failures)) throw new Error('the function answered with batchItemFailures that is no list')
  const byIdentifier = new Map(items.map(item => [ports.identify(item), item]))
  const failed = new Set<Item>()
  for (const failure of failures as readonly unknown[]) {
    const identifier = isRecord(failure) ? ports.reported(failure['itemIdentifier']) : undefined
    const item = identifier === undefined ? undefined : byIdentifier.get(identifier)
    if (item === undefined)
      throw new Error(`the function reported ${JSON.stringify(failure)}, which is not in its batch`)
    failed.add(item)
  }
  if (failed.size > 0 && ports.fromFirstReported) return items.slice(items.findIndex(item => failed.has(item)))
  return items.filter(item => failed.has(item))
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object'

/** Until it is kept: what is given up on is not acknowledged before. */
async function giveUp<Item>(items: readonly Item[], why: GivenUp, ports: DeliveryPorts<Item>): Promise<void> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await ports.giveUp(items, why)
    } catch (error) {
      if (ports.stopping()) throw error
      await ports.serversUp()
      await ports.pause(pauseAfter(attempts))
    }
  }
}
