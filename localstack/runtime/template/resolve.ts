import { ownOf } from '#engine/model/own.ts'
import type { Resource, Stack } from './cloud-assembly.ts'
import { ACCOUNT, REGION, resourceType } from './resource-types.ts'

/** A property's value with every intrinsic carried out. */
export type Resolved = string | number | boolean | null | readonly Resolved[] | { readonly [name: string]: Resolved }
export type Properties = { readonly [name: string]: Resolved }

export interface ResolvedResource {
  readonly stack: string
  readonly id: string
  readonly type: string
  /** What `Ref` gives elsewhere. */
  readonly ref: string
  readonly name: string
  readonly properties: Properties
}

/**
 * Every resource of an app with its references carried out, in all stacks at once. Throws an error that names the
 * resource and what about it is not known here: a type, an attribute or an intrinsic.
 */
export function resolveStacks(stacks: readonly Stack[]): ResolvedResource[] {
  const exported = exportsOf(stacks)
  return stacks.flatMap(stack =>
    Object.entries(stack.template.Resources).map(([id, resource]) => {
      const where = `${stack.name}/${id} (${resource.Type})`
      const type = resourceType(resource.Type)
      if (!type)
        throw new Error(`${where}: the local runtime does not know this resource type (template/resource-types.ts)`)
      const resolve = resolver(stack, exported, where)
      const name = physicalName(stack, id, resource, resolve)
      return {
        stack: stack.name,
        id,
        type: resource.Type,
        ref: type.ref(name),
        name,
        properties: resolve(resource.Properties ?? {}) as Properties,
      }
    }),
  )
}

type Resolve = (value: unknown) => Resolved | undefined
/** Where an export is, by its resolved name. */
type Exports = ReadonlyMap<string, { readonly stack: Stack; readonly value: unknown }>

function exportsOf(stacks: readonly Stack[]): Exports {
  const exported = new Map<string, { stack: Stack; value: unknown }>()
  for (const stack of stacks)
    for (const [id, output] of Object.entries(stack.template.Outputs)) {
      if (!output.Export) continue
      const name = resolver(stack, exported, `${stack.name}/${id}`)(output.Export.Name)
      if (typeof name !== 'string') throw new Error(`${stack.name}/${id}: its export has no name`)
      exported.set(name, { stack, value: output.Value })
    }
  return exported
}

const pseudo: Readonly<Record<string, Resolved | undefined>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackId': 'local',
  'AWS::NoValue': undefined,
}

/** Carries out the intrinsics of one stack's values. Undefined is `AWS::NoValue`: the property is not there. */
function resolver(stack: Stack, exported: Exports, where: string): Resolve {
  return resolve

  function resolve(value: unknown): Resolved | undefined {
    if (Array.isArray(value)) return value.map(resolve).filter(item => item !== undefined)
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value
    if (typeof value !== 'object') throw new Error(`${where}: a template holds no ${typeof value}`)
    const entries = Object.entries(value)
    const [first] = entries
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
      return intrinsic(first[0], first[1])
    return Object.fromEntries(
      entries.flatMap(([name, inner]) => {
        const resolved = resolve(inner)
        return resolved === undefined ? [] : [[name, resolved]]
      }),
    )
  }

  function intrinsic(name: string, argument: unknown): Resolved | undefined {
    switch (name) {
      case 'Ref':
        return ref(String(argument))
      case 'Fn::GetAtt': {
        const [id, attribute] = Array.isArray(argument) ? argument : String(argument).split(/\.(.*)/)
        return attributeOf(text(id), text(resolve(attribute)))
      }
      case 'Fn::Join': {
        const [separator, parts] = list(argument, name, 2)
        return list(resolve(parts), name).map(text).join(text(separator))
      }
      case 'Fn::Sub':
        return substitute(argument)
      case 'Fn::Select': {
        const [index, items] = list(argument, name, 2)
        const item = list(resolve(items), name)[Number(resolve(index))]
        if (item === undefined) throw new Error(`${where}: Fn::Select finds nothing at ${JSON.stringify(index)}`)
        return item as Resolved
      }
      case 'Fn::Split': {
        const [separator, source] = list(argument, name, 2)
        return text(resolve(source)).split(text(separator))
      }
      case 'Fn::Base64':
        return Buffer.from(text(resolve(argument))).toString('base64')
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map(zone => REGION + zone)
      case 'Fn::ImportValue': {
        const found = exported.get(text(resolve(argument)))
        if (!found) throw new Error(`${where}: no stack exports ${JSON.stringify(resolve(argument))}`)
        return resolver(found.stack, exported, where)(found.value)
      }
      default:
        throw new Error(`${where}: the local runtime does not know the intrinsic ${name}`)
    }
  }

  function ref(id: string): Resolved | undefined {
    if (Object.hasOwn(pseudo, id)) return pseudo[id]
    if (id === 'AWS::StackName') return stack.name
    const resource = ownOf(stack.template.Resources, id)
    if (resource) return typeOf(id, resource).ref(physicalName(stack, id, resource, resolve))
    const parameter = ownOf(stack.template.Parameters, id)
    if (parameter?.Default !== undefined) return resolve(parameter.Default)
    throw new Error(`${where}: Ref to ${id}, which is no resource, and no parameter with a default`)
  }

  function attributeOf(id: string, attribute: string): Resolved {
    const resource = ownOf(stack.template.Resources, id)
    if (!resource) throw new Error(`${where}: Fn::GetAtt of ${id}, which is no resource of ${stack.name}`)
    const attributes = typeOf(id, resource).attributes ?? {}
    const valueOf = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined
    if (!valueOf)
      throw new Error(`${where}: the local runtime does not know the attribute ${attribute} of ${resource.Type}`)
    return valueOf(physicalName(stack, id, resource, resolve))
  }

  function typeOf(id: string, resource: Resource) {
    const type = resourceType(resource.Type)
    if (!type)
      throw new Error(`${where}: refers to ${id}, of the type ${resource.Type} that the local runtime does not know`)
    return type
  }

  function substitute(argument: unknown): string {
    const [template, variables] = Array.isArray(argument) ? argument : [argument, {}]
    const known = variables as Record<string, unknown>
    return text(template).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`
      if (Object.hasOwn(known, name)) return text(resolve(known[name]))
      return text(name.includes('.') ? intrinsic('Fn::GetAtt', name) : ref(name))
    })
  }

  function list(value: unknown, name: string, length?: number): readonly unknown[] {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length))
      throw new Error(`${where}: ${name} of ${JSON.stringify(value)}`)
    return value
  }

  function text(value: unknown): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw new Error(`${where}: text was expected, not ${JSON.stringify(value)}`)
  }
}

function physicalName(stack: Stack, id: string, resource: Resource, resolve: Resolve): string {
  const property = resourceType(resource.Type)?.nameProperty
  const written = property === undefined ? undefined : resource.Properties?.[property]
  const name = written === undefined ? undefined : resolve(written)
  return typeof name === 'string' ? name : `${stack.name}-${id}`
}
