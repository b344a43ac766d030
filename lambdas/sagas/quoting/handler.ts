import { read } from '#engine/adapters/lambda/environment.ts'
import { sagaHandler, streamSagaHandler } from '#engine/adapters/lambda/saga-handler.ts'
import { QuotingEnvironment } from '../../quoting.ts'
import { messageOf, quoteEvents, quoteEventStore } from '../../services/quote/events.ts'
import { quotingSaga } from './saga.ts'

/** Woken by its topics, or by the event store's change feed. */
export const handler =
  read(QuotingEnvironment).QUOTING === 'event-sourcing'
    ? streamSagaHandler({ store: quoteEventStore, events: quoteEvents, messageOf }, quotingSaga)
    : sagaHandler(quotingSaga)
