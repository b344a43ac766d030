/** What of a route decides whether a request is its. */
export interface Routed {
  readonly method: string
  /** `/orders/{orderId}` */
  readonly path: string
}

export type Found<Route> =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known, the method is not. */
  | { readonly kind: 'other-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'nothing' }
  /** The path can't be decoded. */
  | { readonly kind: 'malformed' }

/** Finds the route of a request; a written segment wins over a parameter, as in API Gateway. `path` is as it was sent, without its query. */
export function createRouter<Route extends Routed>(
  routes: readonly Route[],
): (method: string, path: string) => Found<Route> {
  const known = routes
    .map(route => ({ route, segments: segmentsOf(route.path) }))
    .toSorted((a, b) => precedence(a.segments).localeCompare(precedence(b.segments)))

  return (method, path) => {
    let segments: string[]
    try {
      segments = segmentsOf(path).map(decodeURIComponent)
    } catch {
      return { kind: 'malformed' }
    }
    const matching = known.filter(candidate => fits(candidate.segments, segments))
    const found = matching.find(({ route }) => route.method === method || route.method === 'ANY')
    if (found) return { kind: 'route', route: found.route, params: paramsOf(found.segments, segments) }
    if (matching.length === 0) return { kind: 'nothing' }
    return { kind: 'other-method', allowed: [...new Set(matching.map(({ route }) => route.method))] }
  }
}

const segmentsOf = (path: string) => path.split('/').slice(1)
const isParam = (segment: string) => segment.startsWith('{')
/** Sorts a written segment before a parameter, from the left. */
const precedence = (segments: readonly string[]) => segments.map(segment => (isParam(segment) ? '1' : '0')).join('')

const fits = (pattern: readonly string[], segments: readonly string[]) =>
  pattern.length === segments.length &&
  pattern.every((part, i) => (isParam(part) ? segments[i] !== '' : part === segments[i]))

const paramsOf = (pattern: readonly string[], segments: readonly string[]) =>
  Object.fromEntries(pattern.flatMap((part, i) => (isParam(part) ? [[part.slice(1, -1), segments[i] ?? '']] : [])))
