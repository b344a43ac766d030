/** What the templates let each function do: its role's policies with every reference carried out. Pure. */
import type { Stack } from './cloud-assembly.ts'
import { type ResolvedResource, resolveStacks } from './resolve.ts'

export interface Permission {
  /** `dynamodb:Query` */
  readonly action: string
  /** An ARN, or `*`. */
  readonly resource: string
}

/** By the functions' names, sorted by resource and action, each once. Throws for what it can't read: a deny, a condition, another kind of policy. */
export function permissionsOf(stacks: readonly Stack[]): ReadonlyMap<string, readonly Permission[]> {
  const resources = resolveStacks(stacks)
  const ofType = (type: string) => resources.filter(resource => resource.type === type)
  const roles = new Map(ofType('AWS::IAM::Role').map(role => [arnOfRole(role), role]))
  const policies = ofType('AWS::IAM::Policy')
  const managed = new Map(ofType('AWS::IAM::ManagedPolicy').map(policy => [policy.ref, policy]))
  return new Map(
    ofType('AWS::Lambda::Function').map(fn => {
      const role = roles.get(fn.properties['Role'] as string)
      if (!role) throw new Error(`${fn.stack}/${fn.id}: its role is not in the templates`)
      if (role.properties['Policies'] !== undefined) throw new Error(`${role.stack}/${role.id}: policies inside a role`)
      const own = policies.filter(({ properties }) => listOf(properties['Roles']).includes(role.ref))
      const shared = listOf(role.properties['ManagedPolicyArns'] ?? []).map(arn => {
        const policy = managed.get(String(arn))
        if (!policy)
          throw new Error(`${role.stack}/${role.id}: ${String(arn)} is a policy of AWS, whose actions are its own`)
        return policy
      })
      return [fn.name, sorted([...own, ...shared].flatMap(statementsOf))] as const
    }),
  )
}

const arnOfRole = ({ ref }: ResolvedResource) => `arn:aws:iam::000000000000:role/${ref}`

function statementsOf({ stack, id, properties }: ResolvedResource): Permission[] {
  const { Statement = [] } = properties['PolicyDocument'] as { Statement?: readonly Statement[] }
  return Statement.flatMap(({ Effect, Action, Resource, ...rest }) => {
    const [more] = Object.keys(rest).filter(key => key !== 'Sid')
    if (Effect !== 'Allow' || more !== undefined)
      throw new Error(`${stack}/${id}: a statement with ${more ?? String(Effect)}, which is not read here`)
    return listOf(Action).flatMap(action =>
      listOf(Resource).map(resource => ({ action: String(action), resource: String(resource) })),
    )
  })
}

interface Statement {
  readonly Effect?: unknown
  readonly Action?: unknown
  readonly Resource?: unknown
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

function sorted(permissions: readonly Permission[]): Permission[] {
  const once = new Map(permissions.map(one => [`${one.resource} ${one.action}`, one]))
  return [...once.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one)
}
