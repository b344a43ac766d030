import { healthRoute } from '#engine/http/health.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import type { DocumentedWiring } from './wirings.ts'

/** What the documents need and the definitions do not say, in sentences that say what to do about it. */
export function findGaps(wirings: readonly DocumentedWiring[]): string[] {
  const read = wirings.map(({ catalog }) => readCatalog(catalog))
  const messages = read.flatMap(({ messages }) => messages)
  const routes = [healthRoute, ...read.flatMap(({ functions }) => functions.flatMap(fn => fn.routes))]
  return [
    ...new Set([
      ...messages
        .filter(({ message }) => !message.description)
        .map(({ type }) => `${type} has no description: give its contract one, \`description: 'What it says.'\``),
      ...routes.flatMap(({ method, path, name, summary, answers = [] }) => {
        const route = `the route ${method} ${path}`
        return [
          ...(name ? [] : [`${route} has no name: list its service's routes with \`routesOf({name: {…}})\``]),
          ...(summary ? [] : [`${route} has no summary: say what it does, \`summary: 'Shows an order.'\``]),
          ...(answers.length > 0 ? [] : [`${route} has no answers: list \`{status, description, schema}\` for each`]),
        ]
      }),
    ]),
  ]
}
