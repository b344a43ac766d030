import { stringify } from 'yaml'
import { asyncApi } from './asyncapi.ts'
import { diagramPages } from './diagrams.ts'
import { findGaps } from './gaps.ts'
import { openApi } from './openapi.ts'
import type { DocumentedWiring } from './wirings.ts'

/** Text by path from the repository's root: `docs/openapi.yaml`. */
export type Documents = ReadonlyMap<string, string>

const MADE_BY = 'Made by `npm run docs` from lambdas/catalog.ts and what it lists: change that, not this.'

/** All of them. `version` is the API's. Throws a DocumentsError that lists what the definitions do not say. */
export function makeDocuments(wirings: readonly DocumentedWiring[], version: string): Documents {
  const gaps = findGaps(wirings)
  if (gaps.length > 0) throw new DocumentsError(gaps)
  return new Map([
    ...wirings.map(wiring => [`docs/asyncapi/${wiring.name}.yaml`, yaml(asyncApi(wiring, version))] as const),
    ['docs/openapi.yaml', yaml(openApi(wirings, version))] as const,
    ...diagramPages(wirings).map(
      ({ name, text }) => [`docs/diagrams/${name}.md`, `<!-- ${MADE_BY} -->\n${text}`] as const,
    ),
  ])
}

/** What the definitions do not say, each with its remedy. */
export class DocumentsError extends Error {
  readonly gaps: readonly string[]
  constructor(gaps: readonly string[]) {
    super(`The documents cannot be made:\n${gaps.map(gap => `- ${gap}`).join('\n')}`)
    this.name = 'DocumentsError'
    this.gaps = gaps
  }
}

const yaml = (document: object) =>
  `# ${MADE_BY}\n${stringify(document, { lineWidth: 120, aliasDuplicateObjects: false })}`
