/** What each function of a stage may do, by the catalog's names of functions: read off the synthesized templates. */
import type { SettingsInput } from '../../lib/config.ts'
import { parseTemplate } from '../../localstack/runtime/template/cloud-assembly.ts'
import { type Permission, permissionsOf } from '../../localstack/runtime/template/permissions.ts'
import { templatesOf } from '../stateful/templates.ts'

/** Functions of CDK's own (a custom resource) have CDK's name for them. */
export function grantedIn(
  stage: string,
  overrides: Partial<SettingsInput> = {},
): ReadonlyMap<string, readonly Permission[]> {
  const stacks = Object.entries(templatesOf(stage, overrides)).map(([name, template]) => ({
    name,
    template: parseTemplate(template),
    assets: {},
  }))
  const prefix = `${stage}-`
  return new Map(
    [...permissionsOf(stacks)].map(([name, permissions]) => [
      name.startsWith(prefix) ? name.slice(prefix.length) : name,
      permissions,
    ]),
  )
}
