/** Templates of a stage as they are deployed, with code that stands in for bundles: half a second, and no CDK checks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Wiring } from '#shared/messaging/wiring.ts'
import { addStacks, newApp } from './app.ts'
import type { StageSettings } from './config.ts'
import type { Template } from './cost/resources.ts'

/** By the stacks' names, in the order of their deployment. */
export function templatesOfStage(settings: StageSettings, wiring: Wiring): Readonly<Record<string, Template>> {
  const outdir = mkdtempSync(join(tmpdir(), 'recourse-templates-'))
  try {
    const app = newApp({ outdir, builtinCloudFormationValidation: false })
    addStacks(app, { settings, wiring, codeOf: () => lambda.Code.fromInline('// a bundle') })
    const { stacks } = app.synth()
    return Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template]))
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}
