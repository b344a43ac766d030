/** What functions do, in the terms of their policies. Pure. */
import type { Permission } from '../template/permissions.ts'

/** By the functions' names, as they are deployed. */
export type Granted = ReadonlyMap<string, readonly Permission[]>

/** A function did something, or tried to. */
export interface Use extends Permission {
  readonly functionName: string
  readonly allowed: boolean
}

/** `*` in an action or a resource stands for anything, as in IAM. */
export const covers = (granted: Permission, { action, resource }: Permission): boolean =>
  like(granted.action, action) && like(granted.resource, resource)

function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${expression}$`, 's').test(text)
}

/** Tells of each use once, however often it is made. */
export interface Ledger {
  /** Whether its policies allow this, which is told. `refused`: a server did not let it, whatever the policies say. */
  use(functionName: string, asked: Permission, refused?: boolean): boolean
}

export function createLedger(granted: Granted, report: (use: Use) => void): Ledger {
  const logged = new Set<string>()
  return {
    use(functionName, { action, resource }, refused = false) {
      const permitted = granted.get(functionName)?.some(one => covers(one, { action, resource })) ?? false
      const allowed = permitted && !refused
      const use = { functionName, action, resource, allowed }
      const key = JSON.stringify(use)
      if (!logged.has(key)) report(use)
      logged.add(key)
      return allowed
    },
  }
}

/** What no use needed: by the functions' names, without those who used all. */
export function unusedOf(granted: Granted, uses: readonly Use[]): Granted {
  const byFunction = Map.groupBy(
    uses.filter(({ allowed }) => allowed),
    ({ functionName }) => functionName,
  )
  return new Map(
    [...granted]
      .map(([name, permissions]) => {
        const made = byFunction.get(name) ?? []
        return [name, permissions.filter(permission => !made.some(use => covers(permission, use)))] as const
      })
      .filter(([, left]) => left.length > 0),
  )
}
