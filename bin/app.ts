// What `cdk` runs: the stacks of one stage, `-c stage=prod`; `dev` unless told. `-c settings='{"partitions": 24}'` puts
// settings in the place of the stage's, to look at what they would make: what is deployed should be what is written down.
import { CatalogError } from '#engine/catalog/wiring.ts'
import { newApp } from '../lib/app.ts'
import { parseOverrides, SettingsError } from '../lib/config.ts'
import { describeStage } from '../lib/synth.ts'

try {
  const app = newApp()
  const stage: unknown = app.node.tryGetContext('stage')
  const overrides = parseOverrides(app.node.tryGetContext('settings'))
  await describeStage(app, typeof stage === 'string' ? stage : 'dev', overrides)
  app.synth()
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}
