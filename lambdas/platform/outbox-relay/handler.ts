import { relayHandler } from '#shared/adapters/lambda/stream-handler.ts'
import { catalog } from '../../catalog.ts'

/** The aggregates that are changed over HTTP: the change feeds of their tables are published here. */
const changedOverHttp = catalog.domains
  .flatMap(domain => domain.services)
  .flatMap(service => (service.http?.publishes && service.aggregate ? [service.aggregate] : []))

export const handler = relayHandler(changedOverHttp)
