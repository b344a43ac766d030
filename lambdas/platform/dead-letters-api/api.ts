import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { idParam } from '#engine/http/ids.ts'
import { decodeCursor, encodeCursor, readPage } from '#engine/http/paging.ts'
import { HttpProblem, invalidField, notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import type { Item, Query } from '#engine/model/ports.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
import {
  decided,
  type LetterStatus,
  letterRef,
  letterStatuses,
  readRecords,
  topicStatusOf,
} from '../dead-letters/dead-letter-item.ts'
import { deadLettersTable } from '../dead-letters/tables.ts'
import { contentOf } from './content-of-record.ts'
import { isHandled, type Owner } from './handled.ts'
import { unknownReason, unknownTopic } from './known.ts'
import {
  deadLetterRoutes,
  LetterDecided,
  LetterDetail,
  LetterShown,
  Position,
  RedrivePosition,
  TopicName,
} from './routes.ts'
import { type SagaOfLetter, sagasOf } from './saga-of-dead-letter.ts'

/** What the API knows of the deployment. */
export interface Deployed {
  readonly sagas: readonly SagaDefinition[]
  /** As the deployment calls them, without the environment's prefix. */
  readonly topics: readonly string[]
  /** Who keeps what a consumer handled, by the name that its dead letters bear. */
  readonly ownerOf: (consumer: string) => Owner | undefined
}

type Ports = ApiPorts & Deployed

/**
 * `GET /dead-letters`, `GET /dead-letters/{id}`, `POST /dead-letters/{id}/{redrive,discard}`, `POST /dead-letters/redrive`.
 * A decision is a commit on the letter's item, with who and why; the change feed sends the record back.
 */
export function createDeadLetterApi(ports: Ports) {
  return serve(createApi(ports.log), deadLetterRoutes, {
    listDeadLetters: c => list(c, ports),
    showDeadLetter: c => show(c, ports),
    redriveDeadLetter: c => redrive(c, ports),
    discardDeadLetter: c => discard(c, ports),
    redriveDeadLetters: c => redriveMany(c, ports),
  })
}

/** Newest first. A page of each status, merged: `arrived` orders all of them. */
async function list(c: ApiContext, { store, topics }: Ports): Promise<Response> {
  const { limit, after } = readPage(c, Position)
  const topic = c.req.query('topic')
  const status = c.req.query('status')
  if (topic !== undefined && !TopicName.safeParse(topic).success) throw invalidField('topic', 'is no name of a topic')
  if (status !== undefined && !isStatus(status)) throw invalidField('status', `is one of ${letterStatuses.join(', ')}`)
  const pages = await Promise.all(
    (status === undefined ? letterStatuses : [status]).map(status =>
      store.query({ ...indexOf(topic, status, after), descending: true, limit }),
    ),
  )
  const found = pages.flatMap(({ items }) => items).sort((a, b) => (arrivedOf(a) < arrivedOf(b) ? 1 : -1))
  const unknown = found.length === 0 ? unknownTopic(topic, topics) : undefined
  if (unknown) throw unknown
  const keys = found.slice(0, limit)
  const more = found.length > limit || pages.some(({ next }) => next !== undefined)
  const items = await store.read(keys.map(({ id }) => letterRef(id as string)))
  const last = keys.at(-1)
  return c.json({
    items: items
      .filter(item => item !== undefined)
      // An index is behind its table for a moment.
      .filter(item => status === undefined || item['status'] === status)
      .map(shown),
    ...(more && last && { cursor: encodeCursor(c, arrivedOf(last)) }),
  })
}

async function show(c: ApiContext, ports: Ports): Promise<Response> {
  const item = await readLetter(c, ports)
  const [[record], [saga]] = await Promise.all([
    readRecords(ports.store, [item]),
    sagasOf(ports.store, ports.sagas, [item]),
  ])
  return c.json(detailed({ decisions: [], ...item, ...contentOf(record), ...saga }))
}

/** Sent back once more if it was before: the change feed may have lost it, and its id makes a second one harmless. */
async function redrive(c: ApiContext, ports: Ports): Promise<Response> {
  const { reason } = await readBody(c, deadLetterRoutes.redriveDeadLetter.body)
  const item = await readLetter(c, ports)
  if (item['redrivable'] === false)
    throw new HttpProblem('conflict', {
      detail:
        'Lambda told of this failure without the record, so there is nothing to send back. Read it from its topic, and discard this.',
    })
  const [unawaited] = await unawaitedOf(ports, [item], await sagasOf(ports.store, ports.sagas, [item]))
  if (unawaited !== undefined) {
    // It did what it was sent for: nothing is sent a second time.
    if (item['status'] === 'REDRIVEN') return answer(c, ports, item)
    throw new HttpProblem('conflict', { detail: `Not redriven: ${unawaited}. Discard it.` })
  }
  return decide(c, ports, item, 'REDRIVEN', reason)
}

async function discard(c: ApiContext, ports: Ports): Promise<Response> {
  const { reason } = await readBody(c, deadLetterRoutes.discardDeadLetter.body)
  const item = await readLetter(c, ports)
  if (item['status'] === 'DISCARDED') return answer(c, ports, item)
  if (item['status'] === 'REDRIVEN')
    throw new HttpProblem('conflict', { detail: 'It was redriven already: if it failed again, that is another one.' })
  const [record] = await readRecords(ports.store, [item])
  if (record && (await isHandled(ports.store, ports.ownerOf(item['consumer'] as string), record)))
    throw new HttpProblem('conflict', {
      detail: `${item['consumer'] as string} has handled this message, and failed only at what it caused: that would be lost. Redrive it instead; that is harmless.`,
    })
  return decide(c, ports, item, 'DISCARDED', reason)
}

/**
 * For each letter why it is not sent back: it is a command that its saga does not wait for. Not so if its consumer has
 * handled it, and failed at what that caused: then nothing is carried out anew, and what was lost is published (rule 10).
 */
async function unawaitedOf(
  { store, ownerOf }: Ports,
  letters: readonly Item[],
  seen: readonly SagaOfLetter[],
): Promise<(string | undefined)[]> {
  const suspects = letters.filter((_, i) => seen[i]?.unawaited !== undefined)
  const records = await readRecords(store, suspects)
  const handled = new Set(
    await Promise.all(
      suspects.map(async (letter, i) => {
        const record = records[i]
        return record && (await isHandled(store, ownerOf(letter['consumer'] as string), record)) ? letter : undefined
      }),
    ),
  )
  return letters.map((letter, i) => (handled.has(letter) ? undefined : seen[i]?.unawaited))
}

/** Throws 409 if another has decided meanwhile. */
async function decide(
  c: ApiContext,
  ports: Ports,
  previous: Item,
  status: LetterStatus,
  reason: string,
): Promise<Response> {
  const at = new Date(ports.clock.now()).toISOString()
  const item = decided(previous, { status, by: c.var.identity.sub, reason, at })
  const [result] = await ports.store.commit([{ ref: letterRef(item['id'] as string), previous, item }])
  switch (result?.outcome) {
    case 'committed':
      ports.log.info('dead-letter.decided', { id: item['id'], status, by: c.var.identity.sub })
      return answer(c, ports, item)
    case 'lost':
      if (result.present?.['status'] === status) return answer(c, ports, result.present)
      throw new HttpProblem('conflict', { detail: 'Somebody else decided on it at this moment: look at it again.' })
    case 'failed':
    case 'impossible':
      throw result.error
    case undefined:
      throw new Error('the store gave no result')
  }
}

async function answer(c: ApiContext, { store, sagas }: Ports, item: Item): Promise<Response> {
  const [saga] = await sagasOf(store, sagas, [item])
  return c.json(decidedOn({ ...item, ...saga }), 202)
}

/** Letters that are counted as left, at most. */
const COUNT_MAX = 1000

/** Oldest first, and none that came after the first request: what fails again is a new letter, and would go round for ever. */
async function redriveMany(c: ApiContext, ports: Ports): Promise<Response> {
  const { store, sagas, clock, log } = ports
  const { reason, topic, only = {}, limit, cursor } = await readBody(c, deadLetterRoutes.redriveDeadLetters.body)
  const filters = { topic, only }
  const position = cursor === undefined ? undefined : decodeCursor(c, cursor, RedrivePosition, filters)
  const now = new Date(clock.now()).toISOString()
  const to = position?.to ?? (only.to === undefined ? now : new Date(only.to).toISOString())
  const query: Omit<Query, 'limit'> = {
    ...indexOf(topic, 'WAITING', position?.after),
    sort: {
      field: 'arrived',
      ...(only.from !== undefined && { from: new Date(only.from).toISOString() }),
      // What came in that very millisecond too: `$` comes after `#`.
      to: `${to}$`,
    },
  }
  const page = await store.query({ ...query, limit })
  const read = await store.read(page.items.map(({ id }) => letterRef(id as string)))
  const matching = read
    .filter(item => item !== undefined)
    .filter(
      item =>
        item['status'] === 'WAITING' &&
        item['redrivable'] !== false &&
        (only.reason === undefined || item['reason'] === only.reason) &&
        (only.consumer === undefined || item['consumer'] === only.consumer),
    )
  const unknown =
    (page.items.length === 0 ? unknownTopic(topic, ports.topics) : undefined) ??
    unknownReason(only.reason, cursor !== undefined || page.next !== undefined || matching.length > 0)
  if (unknown) throw unknown
  const sagasSeen = await sagasOf(store, sagas, matching)
  const unawaited = await unawaitedOf(ports, matching, sagasSeen)
  const isAwaited = (_: unknown, i: number) => unawaited[i] === undefined
  const wanted = matching.filter(isAwaited)
  const seen = sagasSeen.filter(isAwaited)
  const decision = { status: 'REDRIVEN', by: c.var.identity.sub, reason, at: now } as const
  const results = await store.commit(
    wanted.map(item => ({
      ref: letterRef(item['id'] as string),
      previous: item,
      item: decided(item, decision),
    })),
  )
  for (const result of results) if (result.outcome === 'failed') throw result.error
  const redriven = wanted.filter((_, i) => results[i]?.outcome === 'committed')
  const passedOver = matching.flatMap((item, i) => {
    const { saga } = sagasSeen[i] ?? {}
    const why = unawaited[i]
    return why === undefined ? [] : [{ id: item['id'], ...(saga && { saga }), why }]
  })
  log.info('dead-letters.redriven', {
    topic: topic ?? 'all',
    redriven: redriven.length,
    passedOver: passedOver.length,
    by: decision.by,
  })
  const last = page.items.at(-1)
  const left = page.next && last ? await countAfter(ports, topic, query, arrivedOf(last)) : 0
  return c.json(
    {
      redriven: redriven.length,
      passed: page.items.length - redriven.length,
      left,
      warnings: redriven.flatMap(item => {
        const { saga, warning } = seen[wanted.indexOf(item)] ?? {}
        return warning === undefined ? [] : [{ id: item['id'], ...(saga && { saga }), warning }]
      }),
      passedOver,
      ...(left > 0 && last && { cursor: encodeCursor(c, { after: arrivedOf(last), to }, filters) }),
    },
    202,
  )
}

async function countAfter(
  { store }: Ports,
  topic: string | undefined,
  query: Omit<Query, 'limit'>,
  after: string,
): Promise<number> {
  const { items } = await store.query({ ...query, ...indexOf(topic, 'WAITING', after), limit: COUNT_MAX })
  return items.length
}

/** The letters of a status, of one topic or of all; after a position where there is one. */
function indexOf(topic: string | undefined, status: LetterStatus, after: string | undefined) {
  const [index, field, value] =
    topic === undefined
      ? (['byStatus', 'status', status] as const)
      : (['byTopic', 'topicStatus', topicStatusOf(topic, status)] as const)
  const id = after?.split('#')[1] ?? ''
  return {
    table: deadLettersTable.name,
    index,
    partition: { field, value },
    ...(after !== undefined && { after: { id, [field]: value, arrived: after } }),
  }
}

/** The letter in the path. Throws 404 if there is none, or not any more. */
async function readLetter(c: ApiContext, { store }: Ports): Promise<Item> {
  const id = idParam(c, 'id')
  const [item] = await store.read([letterRef(id)])
  if (!item) throw notFound(`The dead letter ${id}`)
  return item
}

const shown = showing(LetterShown)
const detailed = showing(LetterDetail)
const decidedOn = showing(LetterDecided)
const arrivedOf = (item: Item) => item['arrived'] as string
const isStatus = (text: string): text is LetterStatus => (letterStatuses as readonly string[]).includes(text)
