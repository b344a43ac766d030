import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import { encodeCursor, readPage } from '#engine/http/paging.ts'
import { HttpProblem, invalidField, invalidFields, notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import { SagaAbort, SagaResolve, SagaRetry } from '#engine/saga/control-messages.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { unpackItem } from '#engine/delivery/stored-item.ts'
import { time } from '#engine/model/time.ts'
import type { Item } from '#engine/model/ports.ts'
import { pendingCommand } from '#engine/saga/transitions.ts'
import { type Operation, replyProblem, whyNot } from '#engine/saga/operator-actions.ts'
import { isClosed, longId, readTimeline, type SagaState, type TimelineEntry, vocabularyOf } from '#engine/saga/state.ts'
import { sagasTable } from '#engine/saga/saga-tables.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
import * as z from 'zod'
import { lettersOfSaga } from '../dead-letters/dead-letter-item.ts'
import { type SagaAction, sagaAction } from './action.ts'
import { listConsumers } from './consumers.ts'
import { consumersRoutes } from './consumers-routes.ts'
import type { OperationsPorts } from './operations-ports.ts'
import { unknownInReply } from './reply.ts'
import { republish } from './republish.ts'
import { Because, operationsRoutes, Resolution, SagaShown, SagaSummary, STATUSES } from './routes.ts'
import { type Group, nextSagas, Position } from './search.ts'

/** `/sagas`, `/services` and `/consumers`: what operators see of them, and do to sagas and services. Actions are committed here; the change feed publishes them. */
export function createOperationsApi(ports: OperationsPorts) {
  const routes = { ...operationsRoutes, ...consumersRoutes }
  return serve(createApi(ports.log), routes, {
    listSagas: c => listSagas(c, ports),
    showSaga: async c => {
      const found = await readSaga(c, ports)
      return c.json(shown(found, await lettersOfSaga(ports.store, found.id)))
    },
    retrySaga: async c => act(c, ports, { ...(await readBody(c, Because)), kind: 'retry' }),
    abortSaga: async c => act(c, ports, { ...(await readBody(c, Because)), kind: 'abort' }),
    resolveSaga: async c => act(c, ports, { ...definedOf(await readBody(c, Resolution)), kind: 'resolve' }),
    republish: c => republish(c, ports),
    listConsumers: async c => c.json({ items: await listConsumers(ports.store, ports.consumers, ports.clock.now()) }),
  })
}

const definedOf = ({ reply, ...body }: z.infer<typeof Resolution>) => ({ ...body, ...(reply && { reply }) })

/** Actions are kept as long as closed sagas. */
const KEPT_SECONDS = 90 * 24 * 3600
/** Pages of the index that are looked through for one page of a list by age. */
const LOOKS_MAX = 20

async function listSagas(c: ApiContext, { store, definitions }: OperationsPorts): Promise<Response> {
  const names = [...new Set(definitions.map(({ name }) => name))]
  const saga = oneOf(c, 'saga', names)
  const status = oneOf(c, 'status', STATUSES)
  const before = timeOf(c, 'startedBefore')
  const groups = (status ? [status] : STATUSES).flatMap(of =>
    (saga ? [saga] : names).map((name): Group => ({ saga: name, status: of })),
  )
  const { limit, after } = readPage(c, Position)
  const items: Item[] = []
  let position = after
  let more = true
  for (let look = 0; more && items.length < limit && look < LOOKS_MAX; look++) {
    const { keys, next } = await nextSagas(store, groups, {
      limit: limit - items.length,
      after: position,
    })
    const found = await store.read(keys.map(({ sagaKey }) => ({ table: sagasTable.name, key: { sagaKey } })))
    for (const [i, { group }] of keys.entries()) {
      const item = found[i]
      // The index lags behind: what has moved on since is in another group.
      if (item?.['status'] !== group.status) continue
      if (before === undefined || Number(item['startedAt']) < before) items.push(summaryOf(item, group.saga))
    }
    position = next
    more = next !== undefined
  }
  return c.json({ items, ...(more && { cursor: encodeCursor(c, position) }) })
}

async function act(
  c: ApiContext,
  ports: OperationsPorts,
  { reason, ...operation }: Operation & { readonly reason: string },
): Promise<Response> {
  const { item, definition, state, saga, id } = await readSaga(c, ports)
  const refusal = whyNot(definition, state, operation)
  if (refusal !== undefined)
    throw new HttpProblem('conflict', {
      detail: `The saga ${saga} ${id} can't be ${DONE[operation.kind]}: ${refusal}.`,
    })
  const unfit = operation.kind === 'resolve' ? replyProblem(definition, state, operation, id) : undefined
  if (unfit !== undefined) throw invalidField('reply', unfit)
  const unknown = operation.kind === 'resolve' ? unknownInReply(definition, state, operation) : []
  if (unknown.length > 0) throw invalidFields(unknown)

  const now = ports.clock.now()
  const { version: seenVersion } = unpackItem<SagaState>(item)
  const by = c.var.identity.sub
  const { kind } = operation
  const action: SagaAction = {
    kind,
    saga,
    sagaId: id,
    seenVersion,
    by,
    reason,
    at: new Date(now).toISOString(),
    expiresAt: Math.floor(now / 1000) + KEPT_SECONDS,
  }
  const body = {
    sagaId: id,
    saga,
    version: seenVersion,
    reason,
    by,
    ...(operation.kind === 'resolve' && {
      outcome: operation.outcome,
      ...(operation.reply && { reply: operation.reply }),
    }),
  }
  const send = [{ message: { retry: SagaRetry, abort: SagaAbort, resolve: SagaResolve }[kind], body }]
  await commitFromHttp({
    store: ports.store,
    aggregate: sagaAction,
    key: ports.newId(),
    state: action,
    publish: send,
    now,
  })
  return c.json(summaryOf(item, saga), 202)
}

const DONE = { retry: 'retried', abort: 'aborted', resolve: 'resolved' } as const

interface Found {
  readonly saga: string
  readonly id: string
  readonly item: Item
  readonly state: SagaState
  readonly definition: SagaDefinition
}

/** The saga in the path. Throws 404 for a saga or an id that is not there. */
async function readSaga(c: ApiContext, { store, definitions }: OperationsPorts): Promise<Found> {
  const [saga = '', id = ''] = [c.req.param('saga'), c.req.param('id')]
  const sagaKey = `${saga}:${id}`
  const [item] = definitions.some(({ name }) => name === saga)
    ? await store.read([{ table: sagasTable.name, key: { sagaKey } }])
    : []
  // In an event store a stream may be handled whose events have not begun a saga yet.
  if (!item || item['status'] === undefined) throw notFound(`The saga ${saga} ${id}`)
  const { state } = unpackItem<SagaState>(item)
  const definition = definitions.find(({ name, version }) => name === saga && version === state.definition)
  if (!definition)
    throw new HttpProblem('conflict', {
      detail: `The saga ${saga} ${id} runs version ${state.definition}, which is not deployed any more: deploy it beside the new one.`,
    })
  return { saga, id, item, state, definition }
}

const iso = (ms: number) => new Date(ms).toISOString()
const summary = showing(SagaSummary)
const summaryOf = (item: Item, saga: string): Item =>
  summary({
    ...item,
    saga,
    id: (item['sagaKey'] as string).slice(saga.length + 1),
    updatedAt: iso(Number(item['updatedAt'])),
  })

const whole = showing(SagaShown)
/** A saga as operators see it. */
function shown({ saga, id, item, state, definition }: Found, deadLetters: readonly string[]): Item {
  const waits = isClosed(state) ? undefined : pendingCommand(definition, state)
  const { dueAt, attempt, reason, deadlineAt, timeline } = state
  return whole({
    ...(summaryOf(item, saga) as object),
    version: state.definition,
    ...(reason !== undefined && { reason }),
    ...(waits && { waitingFor: waits.command.type }),
    attempt,
    ...(dueAt !== undefined && { wakesAt: iso(dueAt) }),
    deadlineAt: iso(deadlineAt),
    ...(state.status === 'STUCK' && {
      lastError: `${waits?.command.type} was sent ${attempt} times and not answered, or the saga's deadline has passed`,
    }),
    deadLetters,
    timeline: readTimeline(timeline).map(entry => lineOf(entry, { id, state, definition })),
  })
}

const DOING: Readonly<Record<string, string>> = { d: 'do', u: 'undo', s: 'settle', a: 'abort' }

function lineOf(
  [ms, what, message, place, by, reason]: TimelineEntry,
  { id, state, definition }: Pick<Found, 'id' | 'state' | 'definition'>,
): Item {
  const [, doing, at] = /^([dus])(\d+)$|^a$/.exec(place) ?? []
  const step =
    at === undefined ? (place === 'a' ? definition.abort?.name : undefined) : definition.steps[Number(at)]?.name
  return {
    at: iso(state.startedAt + ms),
    step: step ?? '',
    what: typeof what === 'number' ? (vocabularyOf(definition)[what] ?? String(what)) : what,
    ledTo: DOING[doing ?? place] ?? place,
    messageId: longId(message, id),
    ...(by !== undefined && { by }),
    ...(reason ? { reason } : {}),
  }
}

function oneOf<const Of extends string>(c: ApiContext, field: string, of: readonly Of[]): Of | undefined {
  const value = c.req.query(field)
  if (value === undefined) return undefined
  const found = of.find(each => each === value)
  if (found === undefined) throw invalidField(field, `is one of ${of.join(', ')}`)
  return found
}

function timeOf(c: ApiContext, field: string): number | undefined {
  const value = c.req.query(field)
  if (value === undefined) return undefined
  const { error, data = value } = time.safeParse(value)
  if (error) throw invalidField(field, 'is a time such as 2026-11-21T10:00:00Z, within the years 0000 to 9999 in UTC')
  return Date.parse(data)
}
