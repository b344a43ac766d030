/** Pages with Mermaid diagrams, which GitHub draws: one for each domain's messages, each choreography and each saga. */
import type { Choreography } from '#engine/choreography/choreography.ts'
import { choreographyDiagram, wiringDiagram } from '#engine/catalog/wiring-diagram.ts'
import { describe } from '#engine/saga/describe.ts'
import { mermaid } from '#engine/saga/saga-diagram.ts'
import { orchestratorOf } from '#engine/saga/reactions.ts'
import type { SagaDefinition } from '#engine/saga/definition.ts'
import { asCode, type DocumentedWiring } from './wirings.ts'

export interface Page {
  /** Of its file, without `.md`. */
  readonly name: string
  readonly text: string
}

interface Part {
  readonly page: string
  readonly title: string
  readonly wiring: string
  readonly text: string
}

/** What is the same in all wirings is shown once; else there is a section for each. */
export function diagramPages(wirings: readonly DocumentedWiring[]): Page[] {
  const parts = wirings.flatMap(({ chosen, catalog }) => {
    const wiring = asCode(chosen)
    return catalog.domains.flatMap((domain): Part[] => [
      {
        page: domain.name,
        title: `${capital(domain.name)}: who publishes what for whom`,
        wiring,
        text: block(wiringDiagram(catalog, domain.name)),
      },
      ...(domain.choreographies ?? []).map(choreography => ({
        page: `${choreography.name}-choreography`,
        title: `The choreography ${choreography.name}`,
        wiring,
        text: choreographyPart(choreography),
      })),
      ...sagasOf(domain.sagas).map(([name, versions]) => ({
        page: orchestratorOf(name),
        title: `The saga ${name}`,
        wiring,
        text: versions.map(sagaPart).join('\n'),
      })),
    ])
  })
  const pages = Map.groupBy(parts, ({ page }) => page)
  return [...pages].map(([name, parts]) => ({
    name,
    text: `${[`# ${parts[0]?.title}`, ...sections(parts, wirings.length)].map(part => part.trimEnd()).join('\n\n')}\n`,
  }))
}

function sections(parts: readonly Part[], wirings: number): string[] {
  const same = [...Map.groupBy(parts, ({ text }) => text)]
  return same.map(([text, of]) =>
    of.length === wirings ? text : `## With ${of.map(({ wiring }) => wiring).join(', ')}\n\n${text}`,
  )
}

/** By name, the latest version first. */
const sagasOf = (sagas: readonly SagaDefinition[]) => [
  ...Map.groupBy(
    sagas.toSorted((a, b) => b.version - a.version),
    ({ name }) => name,
  ),
]

function sagaPart(saga: SagaDefinition): string {
  const { steps, abort } = describe(saga)
  const asked = steps.flatMap(({ name, kind, undo, settle, ...asking }) => [
    [
      name,
      kind === 'step' ? 'can be undone' : kind === 'pivot' ? 'point of no return' : 'tried until it is done',
      asking,
    ] as const,
    ...(undo ? [[name, 'undo', undo] as const] : []),
    ...(settle ? [[name, 'if the outcome is unknown', settle] as const] : []),
  ])
  const rows = [...asked, ...(abort ? [[abort.name, 'at the end of an abort', abort] as const] : [])]
  return [
    `Version ${saga.version}, function \`${orchestratorOf(saga.name)}\`. It begins with \`${saga.startsWith.type}\`.`,
    '',
    block(mermaid(saga)),
    '| step | | command | done | refused | for each try | tries |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(
      ([step, what, { command, done, refused, withinSeconds, attemptsMax }]) =>
        `| ${step} | ${what} | \`${command}\` | ${codes(done)} | ${codes(refused)} | ${withinSeconds} s | ${attemptsMax} |`,
    ),
    '',
  ].join('\n')
}

function choreographyPart(choreography: Choreography): string {
  const { startsWith, endsWith, reactions } = choreography
  return [
    `It begins with \`${startsWith.type}\`. ${codes(endsWith.map(({ type }) => type))} are for others.`,
    '',
    block(choreographyDiagram(choreography)),
    '| service | handles | may publish |',
    '|---|---|---|',
    ...reactions.map(
      ({ by, on, publishes }) => `| ${by} | \`${on.type}\` | ${codes(publishes.map(({ type }) => type))} |`,
    ),
    '',
  ].join('\n')
}

const block = (diagram: string) => `\`\`\`mermaid\n${diagram}\`\`\`\n`
const codes = (names: readonly string[]) => names.map(name => `\`${name}\``).join(', ')
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
