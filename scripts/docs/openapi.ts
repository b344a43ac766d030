/** The OpenAPI document: the routes of all wirings, from the definitions that serve them. */
import type { HeaderField, Route, RouteAnswer } from '#engine/catalog/catalog.ts'
import { BODY_MAX } from '#engine/http/body.ts'
import { healthRoute } from '#engine/http/health.ts'
import { OPERATORS } from '#engine/http/identity.ts'
import { Id } from '#engine/http/ids.ts'
import { pageQuery } from '#engine/http/paging.ts'
import { type ProblemName, problems } from '#engine/catalog/problems.ts'
import { PROBLEM_JSON, problemDocument } from '#engine/http/problem.ts'
import { callersOf, retryAfterHeader } from '#engine/http/route.ts'
import type { Schema } from '#engine/model/messages.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { type JsonSchema, jsonSchemaOf } from './schema.ts'
import type { DocumentedWiring } from './wirings.ts'

/** An object that is valid by OpenAPI 3.1. A route that only some wirings have says so. */
export function openApi(wirings: readonly DocumentedWiring[], version: string) {
  const named: Record<string, JsonSchema> = {}
  const schemaOf: SchemaOf = (schema, of, how) => {
    const converted = jsonSchemaOf(schema, 'draft-2020-12', of, how)
    Object.assign(named, converted.named)
    return converted.schema
  }
  const routes = [{ route: healthRoute as Route, only: undefined }, ...routesOfAll(wirings)]
  const paths: Record<string, Record<string, object>> = {}
  for (const { route, only } of routes)
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route, only, schemaOf)
  const used = new Map(routes.flatMap(({ route }) => problemsByStatus(route)).map(names => [names.join(), names]))
  return {
    openapi: '3.1.0',
    info: { title: 'Recourse', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [
      { url: 'http://127.0.0.1:3000', description: '`npm start`; the port is the variable PORT' },
      {
        url: 'https://{host}/v1',
        description: 'A deployment; its output ApiUrl is the address',
        variables: { host: { default: 'api.example.com' } },
      },
    ],
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `A token of Cognito, or locally of \`npm run --silent token\`. Its \`sub\` is who asks; some routes ask for the group \`${OPERATORS}\`, which is listed with them.`,
        },
      },
      headers: {
        'x-request-id': { description: 'Of this request: the logs know it.', schema: { type: 'string' } },
        'retry-after': headerOf(retryAfterHeader, schemaOf),
      },
      responses: Object.fromEntries(
        [...used.values()].toSorted((a, b) => placeOf(a) - placeOf(b) || a.length - b.length).map(problemResponse),
      ),
      schemas: { Problem, ...named },
    },
  }
}

const DESCRIPTION = `Orders, products, quotes, policies and customers; the sagas behind them run over Kafka (\`docs/asyncapi\`).

Errors are problem documents by RFC 9457; their \`type\` is stable, and a program may switch on it. A body is JSON of at most ${BODY_MAX / 1024} KB. A field or a query parameter that is not documented is 400, as is one of the query that is given twice, and half a character anywhere: the problem names each. What belongs to another is not found. An amount is an integer of minor units with an ISO 4217 currency.`

type SchemaOf = (schema: Schema<unknown>, of: string, how?: { readonly closed: boolean }) => JsonSchema

/** By method and path. `only`: the wirings that have it, if not all do. */
function routesOfAll(wirings: readonly DocumentedWiring[]) {
  const found = new Map<string, { route: Route; having: DocumentedWiring[] }>()
  for (const wiring of wirings)
    for (const route of readCatalog(wiring.catalog).functions.flatMap(fn => fn.routes)) {
      const key = `${route.method} ${route.path}`
      const having = found.get(key)?.having ?? []
      found.set(key, { route, having: [...having, wiring] })
    }
  return [...found.values()].map(({ route, having }) => ({
    route,
    only: having.length < wirings.length ? having : undefined,
  }))
}

const variablesIn = (wirings: readonly DocumentedWiring[]) =>
  Object.keys(wirings[0]?.chosen ?? {})
    .map(variable => `\`${variable}\``)
    .join(', ')

/** `x-quoting: [event-sourcing]`: what has to be chosen. */
const marksOf = (only: readonly DocumentedWiring[]) =>
  Object.fromEntries(
    Object.keys(only[0]?.chosen ?? {}).map(variable => [
      `x-${variable.toLowerCase()}`,
      [...new Set(only.map(({ chosen }) => chosen[variable]))],
    ]),
  )

function operationOf(route: Route, only: readonly DocumentedWiring[] | undefined, schemaOf: SchemaOf) {
  const { method, path, name, summary, body, answers = [] } = route
  const of = `${method} ${path}`
  const description = [
    ...(route.description ? [route.description] : []),
    ...(only ? [`Only with the wiring ${only.map(({ name }) => name).join(' or ')} (${variablesIn(only)}).`] : []),
  ]
  const parameters = parametersOf(route, schemaOf)
  return {
    operationId: name,
    tags: [path.split('/')[1]],
    summary,
    ...(description.length > 0 && { description: description.join(' ') }),
    ...(isOpen(route) && { security: [] }),
    // Roles, as OpenAPI 3.1 has them for schemes without scopes.
    ...(isForOperators(route) && { security: [{ bearer: [OPERATORS] }] }),
    // Whose it is no keyword of OpenAPI says. Tests ask every route as everybody, by this mark.
    ...(!isOpen(route) && { 'x-callers': callersOf(route) }),
    ...(only && marksOf(only)),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(body, of, { closed: true }) } },
      },
    }),
    responses: Object.fromEntries([
      ...answers.map(answer => [String(answer.status), answerOf(answer, of, schemaOf)]),
      ...problemsByStatus(route).map(names => [
        String(problems[names[0]].status),
        { $ref: `#/components/responses/${names.join('-or-')}` },
      ]),
    ]),
  }
}

function parametersOf(
  { method, path, params, headers = [], query: fields = [], pages }: Route,
  schemaOf: SchemaOf,
): object[] {
  const of = `${method} ${path}`
  const query = pages ? schemaOf(pageQuery, of) : {}
  return [
    ...namesIn(path).map(name => ({ name, in: 'path', required: true, schema: schemaOf(params?.[name] ?? Id, of) })),
    ...Object.entries((query['properties'] ?? {}) as Record<string, JsonSchema>).map(
      ([name, { description, ...schema }]) => ({ name, in: 'query', description, schema }),
    ),
    ...fields.map(({ name, description, schema }) => ({
      name,
      in: 'query',
      description,
      schema: schemaOf(schema, of),
    })),
    ...headers.map(({ name, description, schema }) => ({
      name,
      in: 'header',
      description,
      schema: schemaOf(schema, of),
    })),
  ]
}

function answerOf({ description, schema, headers = [] }: RouteAnswer, of: string, schemaOf: SchemaOf) {
  return {
    description,
    headers: {
      'x-request-id': { $ref: '#/components/headers/x-request-id' },
      ...Object.fromEntries(headers.map(header => [header.name, headerOf(header, schemaOf)])),
    },
    content: { 'application/json': { schema: schemaOf(schema, of) } },
  }
}

const headerOf = ({ name, description, schema }: HeaderField, schemaOf: SchemaOf) => ({
  description,
  schema: schemaOf(schema, name),
})

/** Everything that can be wrong: what the route says, and what follows from the rest of it. By status. */
export function problemsOf(route: Route): ProblemName[] {
  const { path, body, problems: own = [] } = route
  if (isOpen(route)) return ['too-many-requests']
  const named = namesIn(path).length > 0
  const found: ProblemName[] = [
    // Whatever it takes: it may be asked for what it does not know.
    'invalid',
    ...(route.pages ? (['invalid-cursor'] as const) : []),
    'unauthorized',
    ...(isForOperators(route) ? (['forbidden'] as const) : []),
    ...(named ? (['not-found'] as const) : []),
    ...(body ? (['too-large', 'not-json'] as const) : []),
    ...own,
    'too-many-requests',
    'internal',
    'unavailable',
  ]
  return [...new Set(found)].toSorted((a, b) => problems[a].status - problems[b].status)
}

/** As the problems are listed. */
const placeOf = ([name]: OfOneStatus) => Object.keys(problems).indexOf(name)

type OfOneStatus = readonly [ProblemName, ...ProblemName[]]

/** Those of one status are one response of OpenAPI. */
function problemsByStatus(route: Route): OfOneStatus[] {
  return [...Map.groupBy(problemsOf(route), name => problems[name].status).values()] as unknown as OfOneStatus[]
}

function problemResponse(names: OfOneStatus) {
  const [name] = names
  const { status } = problems[name]
  const types = names.map(one => problemDocument(one, { detail: '' }, '').type)
  const later = name === 'unavailable' || name === 'too-many-requests'
  return [
    names.join('-or-'),
    {
      description: names.map(one => problems[one].title).join('; or '),
      headers: {
        'x-request-id': { $ref: '#/components/headers/x-request-id' },
        ...(later && { 'retry-after': { $ref: '#/components/headers/retry-after' } }),
      },
      content: {
        [PROBLEM_JSON]: {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              {
                properties: {
                  type: types.length === 1 ? { const: types[0] } : { enum: types },
                  status: { const: status },
                },
              },
            ],
          },
        },
      },
    },
  ]
}

/** As `problemDocument` writes it. */
const Problem = {
  type: 'object',
  description: 'What is wrong, by RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'Stable: `urn:recourse:problem:<name>`.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong here, and what to do about it.' },
    errors: {
      type: 'array',
      description: 'The fields that are wrong.',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: {
          field: { type: 'string', examples: ['items[1].quantity'] },
          message: { type: 'string' },
        },
      },
    },
    requestId: { type: 'string' },
  },
}

const isForOperators = (route: Route) => !isOpen(route) && callersOf(route) === 'operators'
const isOpen = ({ path }: Route) => path === healthRoute.path
const namesIn = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1] ?? '')
