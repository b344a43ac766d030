/** What is new, put into the text of `lambdas/catalog.ts`. Pure. */
import { CannotMake, type Names } from './names.ts'

/** What is made: a service, a saga over a service that is there, or both. */
export interface Made {
  readonly service?: Names
  readonly saga?: Names
}

const TOPICS = 'topicPerAggregateAndKind'
const byHand = 'add it by hand as docs/add-a-saga.md says'

/** A domain of its own, first in the list. Throws CannotMake for a catalog in which there is no such place. */
export function withMade(catalog: string, made: Made): string {
  const { service, saga } = made
  const domains = [...catalog.matchAll(/^( *)domains: \[/gm)]
  const [place] = domains
  if (!place || domains.length > 1)
    throw new CannotMake(`lambdas/catalog.ts has ${domains.length} lines \`domains: [\`, not one: ${byHand}`)
  const at = place.index + place[0].length
  const domain = `
    {
      name: '${(saga ?? service)?.name}',
      topicOf: ${TOPICS},
      services: [${service ? `${service.camel}Service` : ''}],
      sagas: [${saga ? `${saga.camel}Saga` : ''}],${
        // What nobody handles yet.
        service && !saga ? `\n      ends: ${service.camel}Aggregate.publishes,` : ''
      }
    },`
  return withImports(`${catalog.slice(0, at)}${domain}${catalog.slice(at)}`, [
    ...(catalog.includes(`${TOPICS} }`) || catalog.includes(`${TOPICS},`)
      ? []
      : [`import { ${TOPICS} } from '#engine/delivery/topics.ts'`]),
    ...(saga ? [`import { ${saga.camel}Saga } from './sagas/${saga.name}/saga.ts'`] : []),
    ...(service && !saga ? [`import { ${service.camel}Aggregate } from './services/${service.name}/rules.ts'`] : []),
    ...(service ? [`import { ${service.camel}Service } from './services/${service.name}/service.ts'`] : []),
  ])
}

function withImports(text: string, lines: readonly string[]): string {
  const imports = [...text.matchAll(/^(import .*|\} )from '[^']+'$/gm)]
  const last = imports.at(-1)
  if (!last) throw new CannotMake(`lambdas/catalog.ts imports nothing: ${byHand}`)
  const end = last.index + last[0].length
  return `${text.slice(0, end)}\n${lines.join('\n')}${text.slice(end)}`
}
