/** What a person is told of permissions that are missing, and of those that nobody needs. Pure. */
import type { Granted, Use } from './uses.ts'

/** Functions tried what their policies do not allow: a line for each. */
export class PermissionDenied extends Error {
  override readonly name = 'PermissionDenied'
  constructor(denied: readonly Use[]) {
    super(denied.map(lineOf).join('\n'))
  }
}

const lineOf = ({ functionName, action, resource }: Use) =>
  `${functionName} may not ${action} on ${placeOf(resource)}: ${whereToAdd(action, resource)}`

/** `table/orders-history` of an ARN, `topic/recourse-local/local/orders-events`. */
export const placeOf = (arn: string) => arn.split(':').slice(5).join(':') || arn

function whereToAdd(action: string, resource: string): string {
  if (resource.includes('/stream/'))
    return 'add it to what lib/constructs/feed-source.ts grants to who reads a change feed'
  if (action.startsWith('dynamodb:'))
    return 'add what it does there to its `use` of the table, in lambdas/catalog.ts or in the service.ts of its service; or the action to that use, in lib/constructs/table-grants.ts'
  return 'add it to what lib/constructs/kafka.ts grants, or what it handles or publishes to its part of the catalog'
}

/** A line for each permission that is left over; empty if every one was needed. */
export const whatIsTooMuch = (unused: Granted): readonly string[] =>
  [...unused].flatMap(([functionName, permissions]) =>
    permissions.map(
      ({ action, resource }) =>
        `${functionName} may ${action} on ${placeOf(resource)}, and never did: take it away, or let test/permissions/drive do what needs it`,
    ),
  )
