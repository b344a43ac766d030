// What `cdk` runs: the stacks of one stage, `-c stage=prod`; `dev` unless told.
import { CatalogError } from '#shared/messaging/wiring.ts'
import { newApp } from '../lib/app.ts'
import { SettingsError } from '../lib/config.ts'
import { describeStage } from '../lib/synth.ts'

try {
  const app = newApp()
  const stage: unknown = app.node.tryGetContext('stage')
  await describeStage(app, typeof stage === 'string' ? stage : 'dev')
  app.synth()
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}
