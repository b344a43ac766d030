/** An operator has what a service's last commit published decided again, and published under the same ids. */
import type { ApiContext } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import { HttpProblem, notFound } from '#engine/http/problem.ts'
import { ContractError, RetryableError } from '#engine/model/errors.ts'
import type { Alongside, CommitResult, Item, Value } from '#engine/model/ports.ts'
import { type Mended, type Republication, republicationOf } from '#engine/delivery/republication.ts'
import { itemKeyOf, packItem, unpackItem } from '#engine/delivery/stored-item.ts'
import { describeThrown } from '#engine/delivery/thrown.ts'
import { dataWithoutSecrets } from '#engine/delivery/without-secrets.ts'
import { lettersOfSaga } from '../dead-letters/dead-letter-item.ts'
import { type MessagesToRepublish, type RepublishAction, sagaAction } from './action.ts'
import type { OperationsPorts } from './operations-ports.ts'
import { Republishing } from './routes.ts'
import { sagaActionsTable } from './tables.ts'

/** The audit's entries are kept as long as closed sagas. */
const AUDIT_KEPT_SECONDS = 90 * 24 * 3600
/** Messages that the feed has published are not needed any more: a stream forgets after a day. */
const MESSAGES_KEPT_SECONDS = 2 * 24 * 3600
/** Commits of others that come between, before the operator is told to look again. */
const LOST_MAX = 5
/** Of one entry of the audit, in characters: beyond it has the names of the fields alone. */
const AUDIT_LENGTH_MAX = 50_000

const RECEIVERS =
  'Who handled the message that this replaces takes it for a duplicate. Who has not, as it is a dead letter or is still under way, handles this one as new: then the other is the duplicate.'

/** Throws 404 for a service or an item that is not there, and 409 where there is nothing to mend or nobody knows how. */
export async function republish(c: ApiContext, ports: OperationsPorts): Promise<Response> {
  const { reason, dryRun = false } = await readBody(c, Republishing)
  const [name = '', key = ''] = [c.req.param('service'), c.req.param('id')]
  const { services = [], store } = ports
  const service = services.find(one => one.name === name)
  if (!service)
    throw new HttpProblem('not-found', {
      detail: `There is no service of this name that says how its messages follow from its state (\`republishes\`): there are ${services.map(one => one.name).join(', ')}.`,
    })
  const { aggregate } = service
  const ref = itemKeyOf(aggregate, key)
  const actionId = ports.newId()
  for (let lost = 0; lost <= LOST_MAX; lost++) {
    const [previous] = await store.read([ref])
    if (!previous) throw notFound(`The ${aggregate.type} ${key}`)
    const { messages, item, sagaId } = decidedAgain(service, { key, item: previous, actionId })
    const found = { service: name, key, sagaId, seenVersion: Number(previous['version']) }
    const answer = {
      service: name,
      id: key,
      version: found.seenVersion,
      messages: messages.map(shown),
      receivers: RECEIVERS,
      deadLetters: await lettersOfSaga(store, sagaId),
    }
    if (dryRun) return c.json(answer, 200)
    const now = ports.clock.now()
    const audit: RepublishAction = {
      kind: 'republish',
      ...found,
      by: c.var.identity.sub,
      reason,
      at: new Date(now).toISOString(),
      messages: bounded(messages.map(recorded)),
      expiresAt: secondsAt(now) + AUDIT_KEPT_SECONDS,
    }
    const outgoing: MessagesToRepublish = {
      kind: 'messages',
      type: aggregate.type,
      key,
      sagaId,
      expiresAt: secondsAt(now) + MESSAGES_KEPT_SECONDS,
    }
    const alongside = [insert(actionId, audit), insert(`${actionId}.messages`, outgoing, item)]
    const [result] = await store.commit([{ ref, previous, item, alongside }])
    if (isCommitted(result)) {
      ports.log.info('messages.republished', {
        service: name,
        sagaId,
        messages: messages.map(({ id }) => id),
        actionId,
      })
      return c.json({ ...answer, actionId }, 202)
    }
  }
  throw new RetryableError(`${aggregate.type} ${key} changed ${LOST_MAX + 1} times while it was republished`, {
    code: 'CONTENTION',
    sagaId: key,
  })
}

type Service = NonNullable<OperationsPorts['services']>[number]

function decidedAgain({ name, aggregate }: Service, of: Parameters<typeof republicationOf>[1]): Republication {
  let republication: Republication | undefined
  try {
    republication = republicationOf(aggregate, of)
  } catch (error) {
    const why = error instanceof ContractError ? error.message : describeThrown(error)
    throw new HttpProblem('conflict', { detail: `Nothing is published, as the rules of ${name} threw: ${why}` })
  }
  if (republication) return republication
  throw new HttpProblem('conflict', {
    detail: `The last commit of the ${aggregate.type} ${of.key} published nothing. What it answers to a repeated command is decided each time: retry the saga's command instead.`,
  })
}

/** False: another was first. Throws what is no matter of trying again at once. */
function isCommitted(result: CommitResult | undefined): boolean {
  switch (result?.outcome) {
    case 'committed':
      return true
    case 'lost':
      return false
    case 'failed':
    case 'impossible':
      throw result.error
    case undefined:
      throw new Error('the store gave no result')
  }
}

/** A row of the actions' table; `of`: an item whose messages it holds for the change feed. */
function insert(actionId: string, state: RepublishAction | MessagesToRepublish, of?: Item): Alongside {
  const { handled, sent, committedAt } = of ? unpackItem(of) : { handled: [], sent: [], committedAt: 0 }
  const stored = { state, version: 1, handled, sent, rows: [], committedAt }
  const item = packItem(sagaAction, actionId, stored, of ? true : undefined)
  return { kind: 'insert', ref: { table: sagaActionsTable.name, key: { actionId } }, item }
}

const shown = ({ id, before, after, changed }: Mended) => ({
  id,
  type: after.type,
  changed,
  before: dataWithoutSecrets(before.body),
  after: dataWithoutSecrets(after.body),
})

function recorded({ id, before, after, changed }: Mended): RepublishAction['messages'][number] {
  const only = (body: Readonly<Record<string, unknown>>) =>
    dataWithoutSecrets(Object.fromEntries(changed.map(field => [field, body[field]]))) as Value
  return {
    id,
    type: after.type,
    ...(before.type !== after.type && { typeBefore: before.type }),
    before: only(before.body),
    after: only(after.body),
  }
}

function bounded(messages: RepublishAction['messages']): RepublishAction['messages'] {
  if (JSON.stringify(messages).length <= AUDIT_LENGTH_MAX) return messages
  return messages.map(({ before, after, ...one }) => ({
    ...one,
    before: Object.keys(before as object),
    after: Object.keys(after as object),
  }))
}

const secondsAt = (ms: number) => Math.floor(ms / 1000)
