/** Templates of a stage as they are deployed, with code that stands in for bundles: half a second, and no CDK checks. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import type { Wiring } from '#engine/catalog/wiring.ts'
import { addStacks, newApp } from './app.ts'
import type { StageSettings } from './config.ts'
import { atRest } from './cost/at-rest.ts'
import { PRICED_ON, REGION } from './cost/prices.ts'
import { type Template, UnpricedError } from './cost/resources.ts'

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

/**
 * For the outputs of a deployment: a sentence. Describes the stage once more, without outputs, so that it can be priced.
 * What nobody priced is no reason not to deploy: the sentence names it then, and `npm test` fails.
 */
export function costAtRest(settings: StageSettings, wiring: Wiring): string {
  try {
    const { usd } = atRest(Object.values(templatesOfStage(settings, wiring)))
    return `${Math.round(usd)} USD a month (list prices of ${PRICED_ON} in ${REGION}; docs/cost.md)`
  } catch (error) {
    if (!(error instanceof UnpricedError)) throw error
    return `not known: ${error.message}`
  }
}
