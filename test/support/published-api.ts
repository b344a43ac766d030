/** The API as it is published, from `docs/openapi.yaml`: what a stranger knows of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Callers } from '#engine/catalog/catalog.ts'
import { root } from './system.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }

export interface Operation {
  readonly method: 'GET' | 'POST'
  /** `/orders/{orderId}` */
  readonly path: string
  /** Undefined: everybody, also without a token. */
  readonly callers: Callers | undefined
  /** The values of QUOTING that have it; undefined: all. */
  readonly quoting: readonly string[] | undefined
  /** Of its body, without references. */
  readonly body: JsonSchema | undefined
  /** Statuses that it may answer. */
  readonly statuses: readonly number[]
}

interface Described {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly 'x-callers'?: Callers
  readonly 'x-quoting'?: readonly string[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
  readonly responses: Readonly<Record<string, unknown>>
}

/** The document itself. */
export const publishedApi = parse(readFileSync(join(root, 'docs/openapi.yaml'), 'utf8')) as {
  readonly security: readonly object[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

/** Every operation of the document. Throws for one that is not marked with who may call it. */
export const operations: readonly Operation[] = Object.entries(publishedApi.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]): Operation => {
    const { security = publishedApi.security, requestBody, responses } = described
    return {
      method: method.toUpperCase() as Operation['method'],
      path,
      callers: security.length === 0 ? undefined : markOf(`${method} ${path}`, described),
      quoting: described['x-quoting'],
      body: requestBody && (resolved(requestBody.content['application/json']?.schema) as JsonSchema),
      statuses: Object.keys(responses).map(Number),
    }
  }),
)

/** Who may call it; the role that its `security` asks for must say the same. */
function markOf(name: string, { security, 'x-callers': callers }: Described): Callers {
  const role = security?.[0]?.['bearer']?.[0]
  if (callers === undefined || (callers === 'operators') !== (role === 'operators'))
    throw new Error(`docs/openapi.yaml: ${name} says by x-callers ${callers}, and by its security ${role ?? 'anyone'}`)
  return callers
}

function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved)
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as { $ref?: unknown }
  if (typeof $ref === 'string') {
    const found = $ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, name) => (at as JsonSchema)[name], publishedApi)
    return resolved(found)
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]))
}
