/** A request's path as the API's routes know it, out of API Gateway's proxy event. Pure. */

/** What of the event tells it. */
interface Asked {
  readonly path: string
  readonly resource?: string
  readonly pathParameters?: Readonly<Record<string, string | undefined>> | null
}

/**
 * `/orders/o1`, percent-encoded. A domain's base path stands before it (`/shop/orders/o1`), which `resource` does not have;
 * and where a gateway has decoded the path, a `/` of an id looks like one of the path: then its parameters say what it is.
 */
export function ownPath({ path, resource, pathParameters }: Asked): string {
  if (resource === undefined || resource.includes('+}')) return path
  const wanted = resource.split('/')
  const own = path.split('/').slice(-wanted.length)
  if (path.split('/').length <= wanted.length) return path
  if (wanted.every((part, i) => i === 0 || paramOf(part) !== undefined || part === own[i]))
    return `/${own.slice(1).join('/')}`
  return wanted
    .map(part => {
      const param = paramOf(part)
      return param === undefined ? part : encodeURIComponent((pathParameters?.[param] ?? '').toWellFormed())
    })
    .join('/')
}

/** `{orderId}` → `orderId` */
const paramOf = (part: string): string | undefined => /^\{(\w+)\}$/.exec(part)?.[1]
