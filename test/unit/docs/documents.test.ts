import { Parser } from '@asyncapi/parser'
import { validate } from '@readme/openapi-parser'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { makeDocuments } from '../../../scripts/docs/documents.ts'
import { findStale } from '../../../scripts/docs/files.ts'
import { jsonSchemaOf } from '../../../scripts/docs/schema.ts'
import { wirings } from '../../../scripts/docs/wirings.ts'
import { held, libraryFor } from '../../example/library.ts'
import { catalogOf } from '../../example/kiosk.ts'

const root = join(import.meta.dirname, '../../..')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
const documents = makeDocuments(wirings, version)
const asyncApis = [...documents].filter(([path]) => path.startsWith('docs/asyncapi/'))
const [first] = wirings

describe('the documents', () => {
  it('are those that are committed', async () => {
    expect(await findStale(root, documents)).toEqual([])
  })

  it.each(asyncApis)(
    '%s passes the parser of AsyncAPI',
    async (_, text) => {
      const { document, diagnostics } = await new Parser().parse(text)
      // Nothing at all, not even a warning, but that there is a newer version.
      expect(diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')).toEqual([])
      expect(document?.version()).toBe('3.0.0')
    },
    60_000,
  )

  it('docs/openapi.yaml passes a parser of OpenAPI 3.1', async () => {
    const document = parse(documents.get('docs/openapi.yaml') ?? '') as Parameters<typeof validate>[0]
    expect(await validate(document)).toMatchObject({ valid: true, warnings: [] })
    expect(document).toMatchObject({ openapi: '3.1.0' })
  }, 60_000)

  it('fail when one was edited, is missing, or is left over', async () => {
    const left = `docs/asyncapi/${first?.name}.yaml`
    const changed = new Map([...documents].filter(([path]) => path !== left))
    changed.set('docs/openapi.yaml', 'openapi: 3.1.0\n').set('docs/asyncapi/new.yaml', '')
    expect(await findStale(root, changed)).toEqual([
      'docs/openapi.yaml is stale, the definitions have changed: run `npm run docs` and commit it',
      'docs/asyncapi/new.yaml is missing: run `npm run docs` and commit it',
      `${left} is not made any more: run \`npm run docs\`, which deletes it, and commit that`,
    ])
  })

  it('are not made of definitions that do not say what they are for', () => {
    expect(() => makeDocuments([{ name: 'kiosk', chosen: {}, catalog: catalogOf() }], '1.0.0')).toThrow(
      /\n- Sold has no description: give its contract one.*[^]*\n- the route POST \/tickets has no summary: say what it does/,
    )
  })

  it('show no field whose shape is not known', () => {
    const odd = z.object({ lines: z.array(z.object({ size: z.custom<number>(() => true) })) })
    expect(() => jsonSchemaOf(odd, 'draft-7', 'Sold')).toThrow('Sold: the field lines.size has no JSON Schema')
  })
})

describe('several wirings', () => {
  const catalogs = held.map(name => ({ name, chosen: { QUOTING: name }, catalog: libraryFor(name) }))
  const made = makeDocuments(catalogs, version)
  const [alone] = catalogs
  const one = makeDocuments(alone ? [alone] : [], version)

  it('have an AsyncAPI document each', () => {
    const channels = (name: string) =>
      Object.keys((parse(made.get(`docs/asyncapi/${name}.yaml`) ?? '') as { channels: object }).channels)
    expect(channels('event-sourcing')).toEqual(expect.arrayContaining(['saga-commands', 'saga-events']))
    expect(channels('choreography')).toEqual(expect.arrayContaining(['loans', 'books', 'books.dlq']))
    expect(channels('choreography')).not.toContain('saga-events')
  })

  it('have one OpenAPI document, where a route says which of them has it', () => {
    const { paths } = parse(made.get('docs/openapi.yaml') ?? '') as {
      paths: Record<string, { get: { description?: string } }>
    }
    expect(paths['/loans/{loanId}/events']?.get.description).toBe('Only with the wiring event-sourcing (`QUOTING`).')
    expect(paths['/loans/{loanId}']?.get.description).toBeUndefined()
  })

  it('share the pages on which they do not differ', () => {
    const text = (made.get('docs/diagrams/lending-saga.md') ?? '').replace(/## With .*\n\n/, '')
    expect(text).toBe(one.get('docs/diagrams/lending-saga.md'))
    expect(made.get('docs/diagrams/library.md')).toMatch(
      /## With `QUOTING=orchestration`\n[^]*loans-events[^]*## With `QUOTING=choreography`\n[^]*books/,
    )
  })
})
