import { relayHandler } from '#shared/adapters/lambda/stream-handler.ts'
import { read } from '#shared/adapters/lambda/environment.ts'
import { catalogFor } from '../../catalog.ts'
import { QuotingEnvironment } from '../../quoting.ts'

/** The aggregates that are changed over HTTP: the change feeds of their tables are published here. */
const changedOverHttp = catalogFor(read(QuotingEnvironment).QUOTING)
  .domains.flatMap(domain => domain.services)
  .flatMap(service => (service.http?.publishes && service.aggregate ? [service.aggregate] : []))

export const handler = relayHandler(changedOverHttp)
