/** Templates and bundles of a stage, for `cdk` and, in the same process, for the local runtime. */
import type { App } from 'aws-cdk-lib'
import * as lambda from 'aws-cdk-lib/aws-lambda'
import { catalogFor } from '../lambdas/catalog.ts'
import { readCatalog, type Wiring } from '#engine/catalog/wiring.ts'
import { addStacks, newApp } from './app.ts'
import { type Bundle, bundle, checkedFolder } from './bundling/bundle.ts'
import { checkedEntry } from './bundling/token-checked-entry.ts'
import { checkTopics, deployedStages, type SettingsInput, settingsOf, type StageSettings } from './config.ts'
import { kafkaAuthOf } from './needs.ts'
import { costAtRest } from './templates.ts'

/**
 * Bundles every function of the catalog into `dist/` and describes the stage's stacks in `app`.
 * Throws what is wrong with a setting, by its name, or with a function's code, by its file and line.
 */
export async function describeStage(
  app: App,
  stage: string,
  overrides: Partial<SettingsInput> = {},
  readable = false,
): Promise<{ bundles: Bundle[] }> {
  const settings = settingsOf(stage, overrides)
  const wiring = readCatalog(catalogFor(settings), settings.topicNames)
  checkTopics(settings, wiring.topics)
  const bundles = await bundlesOf(settings, wiring, readable)
  const folders = new Map(bundles.map(({ name, folder }) => [name, folder]))
  const codeOf = (name: string) => lambda.Code.fromAsset(folders.get(name) ?? name)
  // Nobody pays for what runs on one's own machine.
  const cost = !deployedStages.includes(stage) ? {} : { atRest: costAtRest(settings, wiring) }
  addStacks(app, { settings, wiring, codeOf, ...cost })
  return { bundles }
}

function bundlesOf({ kafka, localstack }: StageSettings, { functions }: Wiring, readable: boolean): Promise<Bundle[]> {
  const auth = kafkaAuthOf(kafka)
  if (!localstack) return bundle(functions, { auth, readable })
  const entries = functions.map(({ name, kind, entry }) => ({
    name,
    entry: kind === 'http' ? checkedEntry(entry) : entry,
  }))
  return bundle(entries, { auth, outDir: checkedFolder })
}

export interface Assembly {
  /** Templates (`<stack>.template.json`), assets and the manifest that lists them. */
  readonly directory: string
  /** The stacks in the order in which they are deployed. */
  readonly stacks: readonly { readonly name: string; readonly templateFile: string }[]
  readonly bundles: readonly Bundle[]
}

/**
 * Synthesizes a stage into `outDir` in about 3 s, without AWS, network or credentials. `overrides` replace settings of
 * the stage (`{ topicPrefix: 'ci-' }`). CloudFormation's own rules are checked for stages that are deployed only:
 * the local runtime refuses what it does not know by itself. `readable`: bundles for a person who develops, unminified
 * and with source maps.
 */
export async function synthesize(
  stage: string,
  outDir: string,
  overrides: Partial<SettingsInput> = {},
  { readable = false }: { readonly readable?: boolean } = {},
): Promise<Assembly> {
  const app = newApp({ outdir: outDir, builtinCloudFormationValidation: stage !== 'local' })
  const { bundles } = await describeStage(app, stage, overrides, readable)
  const { directory, stacks } = app.synth()
  return {
    directory,
    stacks: stacks.map(stack => ({ name: stack.stackName, templateFile: stack.templateFile })),
    bundles,
  }
}
