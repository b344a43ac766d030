import { type ApiContext, createApi } from '#engine/http/api.ts'
import { readBody } from '#engine/http/body.ts'
import type { Aggregate } from '#engine/model/aggregate.ts'
import type { ApiPorts } from '#engine/http/api-ports.ts'
import { idParam } from '#engine/http/ids.ts'
import { waitSecondsOf, waitUntil } from '#engine/http/prefer.ts'
import { HttpProblem, notFound } from '#engine/http/problem.ts'
import { serve, showing } from '#engine/http/route.ts'
import { commitFromHttp } from '#engine/delivery/http-commit.ts'
import { messageIdOf, unpackItem } from '#engine/delivery/stored-item.ts'
import { appendOf, eventOf } from '#engine/event-store/event-sourced-aggregate.ts'
import { readWholeStream } from '#engine/event-store/read-stream.ts'
import type { Item, Store } from '#engine/model/ports.ts'
import { quoteEventsTable, quoteEventStore } from './events.ts'
import { QuoteShown, quoteEventRoutes, quoteRoutes } from './routes.ts'
import { approve, draft, isFinal, type Quote } from './rules.ts'
import { quotesTable } from './tables.ts'

/**
 * `POST /quotes`, `POST /quotes/{quoteID}/approve`, `GET /quotes/{quoteID}`, `GET /quotes/{quoteID}/events`. A quote belongs to the token's `sub`; operators
 * read everybody's. Approving one commits it; the change feed tells the rest of the world.
 */
export function createQuoteApi(ports: QuotePorts) {
  const app = serve(createApi(ports.log), quoteRoutes, {
    createQuote: c => createQuote(c, ports),
    approveQuote: c => approveQuote(c, ports),
    showQuote: async c => c.json(shown(await readQuote(c, ports))),
  })
  if (!ports.quote.stream) return app
  return serve(app, quoteEventRoutes, { listQuoteEvents: c => listEvents(c, ports) })
}

interface QuotePorts extends ApiPorts {
  /** As the wiring has it. */
  readonly quote: Aggregate<Quote>
}

/** Seconds after which a quote that was approved has usually ended. */
const RETRY_AFTER_SECONDS = 1
/** How often approving decides again on what another writer left. */
const ATTEMPTS_MAX = 5

async function createQuote(c: ApiContext, { store, clock, newId, quote }: QuotePorts): Promise<Response> {
  const { quoteID = newId(), ...body } = await readBody(c, quoteRoutes.createQuote.body)
  const now = clock.now()
  const state = draft(body, { owner: c.var.identity.sub, now })
  const { outcome, item } = await commitFromHttp({ store, aggregate: quote, key: quoteID, state, publish: [], now })
  if (outcome === 'exists')
    throw new HttpProblem('conflict', { detail: `A quote ${quoteID} exists already: choose another quoteID.` })
  c.header('location', `/quotes/${quoteID}`)
  return c.json(shown(item), 201)
}

async function approveQuote(c: ApiContext, ports: QuotePorts): Promise<Response> {
  const found = await readQuote(c, ports, { ownOnly: true })
  const quoteID = found['quoteID'] as string
  await approveOnce(found, quoteID, ports)

  const seconds = waitSecondsOf(c.req.header('prefer'))
  const read = async () => (await ports.store.read([refOf(quoteID)]))[0]
  const hasEnded = (item: Item) => isFinal(unpackItem<Quote>(item).state)
  const ended = await waitUntil({ clock: ports.clock, seconds, hungUp: c.env.hungUp }, read, hasEnded)
  if (seconds > 0) c.header('preference-applied', `wait=${seconds}`)
  if (ended) return c.json(shown(ended))
  c.header('retry-after', String(RETRY_AFTER_SECONDS))
  c.header('location', `/quotes/${quoteID}`)
  return c.json({ quoteID, status: 'APPROVED' }, 202)
}

/** Commits the approval of a draft. One that was approved before is left as it is; throws 409 for one that never will be. */
async function approveOnce(found: Item, quoteID: string, { store, clock, quote }: QuotePorts): Promise<void> {
  let item = found
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { state, version } = unpackItem<Quote>(item)
    if (state.approvedAt !== undefined) return
    if (isFinal(state))
      throw new HttpProblem('conflict', {
        detail: `The quote ${quoteID} is ${state.status}: it can't be approved any more.`,
      })
    const now = clock.now()
    const approvalId = messageIdOf(quote, quoteID, version + 1, 0)
    const approved = approve(state, { now, approvalId })
    const change = quote.stream ? await appending(approved, { quoteID, approvalId, now, store }) : approved
    const committed = await commitFromHttp({ store, aggregate: quote, key: quoteID, ...change, previous: item, now })
    if (committed.outcome === 'created') return
    item = committed.item
  }
  throw new HttpProblem('conflict', { detail: `The quote ${quoteID} is being changed by others: try again.` })
}

/** In an event store the approval is the stream's next event, and nothing else publishes it. */
async function appending(
  { state, publish }: ReturnType<typeof approve>,
  { quoteID, approvalId, now, store }: { quoteID: string; approvalId: string; now: number; store: Store },
) {
  const stream = await readWholeStream(store, quoteEventsTable, quoteID)
  const alongside = publish.map(({ message, body }, i) =>
    appendOf(
      quoteEventStore,
      { stream: quoteID, sequenceNumber: stream.length + i + 1, at: now },
      eventOf(quoteEventStore, message, { eventID: approvalId, body }),
    ),
  )
  return { state, publish: [], alongside }
}

/** `GET /quotes/{quoteID}/events`: the stored events in order. */
async function listEvents(c: ApiContext, ports: QuotePorts): Promise<Response> {
  const { quoteID } = await readQuote(c, ports)
  const stream = await readWholeStream(ports.store, quoteEventsTable, quoteID as string)
  return c.json({ items: stream.map(shownEvent) })
}

/** An event as it was published, with where it stands in the stream. */
function shownEvent(event: Item) {
  const { causationID: _causationID, takenIn: _takenIn, identity: _identity, ...shown } = event
  return shown
}

/** The quote in the path. Throws 404 for what is not there, and for another's. */
async function readQuote(c: ApiContext, { store }: Pick<ApiPorts, 'store'>, { ownOnly = false } = {}): Promise<Item> {
  const { sub, operator } = c.var.identity
  const quoteID = idParam(c, 'quoteID')
  const [item] = await store.read([refOf(quoteID)])
  if (!item || (item['owner'] !== sub && !(operator && !ownOnly))) throw notFound(`The quote ${quoteID}`)
  return item
}

const refOf = (quoteID: string) => ({ table: quotesTable.name, key: { quoteID } })

const fields = showing(QuoteShown)
/** A policy is shown once the quote is completed: until then it may be cancelled. */
function shown(item: Item): Item {
  const { policyID: _, ...others } = item
  return fields(item['status'] === 'COMPLETED' ? item : others)
}
