import type { RoutePlan } from './plan-types.ts'
import { propertiesOf } from './properties.ts'
import type { Properties, ResolvedResource } from './resolve.ts'

/** The methods of the REST API with their whole paths. Preflight (`OPTIONS`) mocks are left out: browsers do not call this machine. */
export function planRoutes(resources: readonly ResolvedResource[]): RoutePlan[] {
  const paths = pathsOf(resources)
  return resources
    .filter(resource => resource.type === 'AWS::ApiGateway::Method')
    .map(resource => planRoute(resource, paths))
    .filter(route => route.method !== 'OPTIONS')
}

/** The path of every API resource, by what `Ref` gives for it; the root of an API is ''. */
function pathsOf(resources: readonly ResolvedResource[]): ReadonlyMap<string, string> {
  const paths = new Map<string, string>()
  for (const api of resources) if (api.type === 'AWS::ApiGateway::RestApi') paths.set(`${api.ref}/root`, '')
  const parts = new Map(
    resources.filter(({ type }) => type === 'AWS::ApiGateway::Resource').map(resource => [resource.ref, resource]),
  )
  const pathOf = (ref: string): string => {
    const known = paths.get(ref)
    if (known !== undefined) return known
    const part = parts.get(ref)
    if (!part) throw new Error(`the templates have no API resource ${ref}`)
    const read = propertiesOf(part)
    return `${pathOf(read.text('ParentId'))}/${read.text('PathPart')}`
  }
  for (const ref of parts.keys()) paths.set(ref, pathOf(ref))
  return paths
}

function planRoute(resource: ResolvedResource, paths: ReadonlyMap<string, string>): RoutePlan {
  const read = propertiesOf(resource)
  const path = paths.get(read.text('ResourceId'))
  if (path === undefined) throw new Error(`${read.where}: its API resource is not in the templates`)
  const integration = read.record('Integration')
  if (!integration) throw new Error(`${read.where}: it has no integration`)
  return {
    method: read.text('HttpMethod'),
    path: path === '' ? '/' : path,
    authorized: read.text('AuthorizationType', 'NONE') !== 'NONE',
    target: targetOf(integration, read.where),
  }
}

function targetOf(integration: Properties, where: string): RoutePlan['target'] {
  if (integration['Type'] === 'MOCK') return mockOf(integration)
  const uri = integration['Uri']
  const functionName = (typeof uri === 'string' ? uri : '').match(/:function:([^:/]+)\/invocations$/)?.[1]
  if (integration['Type'] !== 'AWS_PROXY' || !functionName)
    throw new Error(`${where}: the local runtime knows only Lambda proxy and MOCK integrations`)
  return { kind: 'function', functionName }
}

/** The first integration response is what a mock always answers. */
function mockOf(integration: Properties): RoutePlan['target'] {
  const responses = (integration['IntegrationResponses'] ?? []) as readonly Properties[]
  const templates = (responses[0]?.['ResponseTemplates'] ?? {}) as { readonly [contentType: string]: string }
  const [contentType, body] = Object.entries(templates)[0] ?? ['application/json', '']
  return { kind: 'mock', status: Number(responses[0]?.['StatusCode'] ?? 200), body, contentType }
}
