import type { Stack } from './cloud-assembly.ts'
import type { Properties, Resolved, ResolvedResource } from './resolve.ts'

/** Reads a resource's properties; what has another shape than asked for is an error that names the resource and the property. */
export function propertiesOf(resource: ResolvedResource) {
  const { properties } = resource
  const where = `${resource.stack}/${resource.id} (${resource.type})`
  const wrong = (name: string, expected: string) =>
    new Error(`${where}: ${name} should be ${expected}, not ${JSON.stringify(properties[name])}`)
  return {
    where,
    raw: (name: string): Resolved | undefined => properties[name],
    record(name: string): Properties | undefined {
      const value = properties[name]
      if (value === undefined) return undefined
      if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrong(name, 'an object')
      return value as Properties
    },
    list(name: string): readonly Resolved[] {
      const value = properties[name] ?? []
      if (!Array.isArray(value)) throw wrong(name, 'a list')
      return value as readonly Resolved[]
    },
    text(name: string, without?: string): string {
      const value = properties[name] ?? without
      if (typeof value !== 'string') throw wrong(name, 'text')
      return value
    },
    /** CloudFormation takes numbers as text too. */
    number(name: string, without?: number): number {
      const value = properties[name] ?? without
      const number = typeof value === 'string' && value !== '' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(name, 'a number')
      return number
    },
    boolean: (name: string): boolean => properties[name] === true || properties[name] === 'true',
  }
}

/** Where a function's code is on this machine: `S3Key` is the hash of an asset of its stack. */
export function folderOfCode(resource: ResolvedResource, stacks: readonly Stack[]): string {
  const read = propertiesOf(resource)
  const key = read.record('Code')?.['S3Key']
  if (typeof key !== 'string') throw new Error(`${read.where}: its code is no asset`)
  const hash =
    key
      .replace(/\.zip$/, '')
      .split('/')
      .at(-1) ?? ''
  const folder = stacks.find(stack => stack.name === resource.stack)?.assets[hash]
  if (!folder) throw new Error(`${read.where}: the assets of ${resource.stack} hold no ${hash}`)
  return folder
}
