/** Templates of a stage as they are deployed, with code that stands in for bundles: half a second, and no CDK checks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { readCatalog, type Wiring } from '#shared/messaging/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { addStacks, newApp } from '../../lib/app.ts'
import { type SettingsInput, settingsOf, type StageSettings } from '../../lib/config.ts'

export interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >
}

/** By the stacks' names, in the order of their deployment. `wired`: another wiring than the catalog's. */
export function templatesOf(
  stage: string,
  overrides: Partial<SettingsInput> = {},
  wired: (settings: StageSettings) => Wiring = settings =>
    readCatalog(catalogFor(settings.quoting), settings.topicNames),
): Readonly<Record<string, Template>> {
  const outdir = mkdtempSync(join(tmpdir(), 'recourse-templates-'))
  try {
    const settings = settingsOf(stage, overrides)
    const app = newApp({ outdir, builtinCloudFormationValidation: false })
    addStacks(app, { settings, wiring: wired(settings), codeOf: () => lambda.Code.fromInline('// a bundle') })
    const { stacks } = app.synth()
    return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template]))
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}
