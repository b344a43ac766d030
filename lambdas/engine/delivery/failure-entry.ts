/**
 * Since when a consumer fails on a partition, where and why: one small item for each partition that it has failed on lately.
 * The consumer writes it, the operators' API and the dead letters read it. Pure.
 */
import * as z from 'zod'
import type { Table } from '../model/aggregate.ts'
import type { Item, Ref, Row } from '../model/ports.ts'
import { withoutSecrets } from './without-secrets.ts'

/** `place` is `<topic>-<partition>`, the topic without the environment's prefix. */
export const consumersTable: Table = {
  name: 'consumers',
  partition: 'consumer',
  sort: { name: 'place', type: 'string' },
  expires: 'expiresAt',
}

/**
 * A failing batch is tried again within a minute, and the failure is written at most every half: after three minutes without
 * one the consumer no longer fails, and a later failure is another.
 */
export const FAILING_MS = 3 * 60 * 1000
const KEPT_SECONDS = 7 * 24 * 60 * 60
const ERROR_LENGTH_MAX = 1000

/** Where a consumer reads: `topic` without the environment's prefix. */
export interface Place {
  readonly topic: string
  readonly partition: number
}

/** Times in milliseconds since 1970. */
const FailureEntry = z.object({
  consumer: z.string(),
  topic: z.string(),
  partition: z.int(),
  /** Of the first record that could not be handled. */
  offset: z.int(),
  failingSince: z.number(),
  lastFailedAt: z.number(),
  lastError: z.string(),
})
export type FailureEntry = z.infer<typeof FailureEntry>

export interface Failure extends Place {
  readonly consumer: string
  readonly offset: number
  readonly error: unknown
  /** When this invocation failed on it first. */
  readonly since: number
}

/** What the table is to say, given what it says. A failure goes on where the last one is not long ago, or begins anew. */
export function nextEntry(before: FailureEntry | undefined, failure: Failure, now: number): FailureEntry {
  const { error, since, ...place } = failure
  const goesOn = before !== undefined && isFailing(before, since)
  return {
    ...place,
    failingSince: goesOn ? Math.min(before.failingSince, since) : since,
    lastFailedAt: now,
    lastError: textOf(error),
  }
}

/** Whether it was still failing then. */
export const isFailing = ({ lastFailedAt }: Pick<FailureEntry, 'lastFailedAt'>, now: number): boolean =>
  now - lastFailedAt < FAILING_MS

export const entryRef = (consumer: string, { topic, partition }: Place): Ref => ({
  table: consumersTable.name,
  key: { consumer, place: `${topic}-${partition}` },
})

export function rowOf(entry: FailureEntry): Row {
  const ref = entryRef(entry.consumer, entry)
  return {
    ref,
    item: { ...entry, ...ref.key, expiresAt: Math.floor(entry.lastFailedAt / 1000) + KEPT_SECONDS },
  }
}

/** Undefined where there is none, or what a later version has written in another form. */
export const entryOf = (item: Item | undefined): FailureEntry | undefined => FailureEntry.safeParse(item).data

/** `RetryableError KAFKA_AWAY: the broker did not answer`. Others' errors may quote what they were given. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `a ${typeof error} was thrown, which says nothing`
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  return withoutSecrets(`${error.name}${code}: ${error.message}`).slice(0, ERROR_LENGTH_MAX).toWellFormed()
}
