import { readCatalog, type Wiring } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { type SettingsInput, settingsOf, type StageSettings } from '../../lib/config.ts'
import type { Template } from '../../lib/cost/resources.ts'
import { templatesOfStage } from '../../lib/templates.ts'

export type { Template } from '../../lib/cost/resources.ts'

/** Of a stage by its name; `wired`: another wiring than the catalog's. */
export function templatesOf(
  stage: string,
  overrides: Partial<SettingsInput> = {},
  wired: (settings: StageSettings) => Wiring = settings => readCatalog(catalogFor(settings), settings.topicNames),
): Readonly<Record<string, Template>> {
  const settings = settingsOf(stage, overrides)
  return templatesOfStage(settings, wired(settings))
}
