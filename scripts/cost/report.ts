/** All that `npm run cost` tells of a stage, in numbers. */
import type { Catalog } from '#engine/catalog/catalog.ts'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../../lambdas/catalog.ts'
import { type SettingsInput, settingsOf } from '../../lib/config.ts'
import { atRest, type AtRest } from '../../lib/cost/at-rest.ts'
import { templatesOfStage } from '../../lib/templates.ts'
import { breakEvens, waysToCoordinate, type Way } from './alternatives.ts'
import { costOfSagas, type SagaCost } from './per-saga.ts'
import { usageOfDomains } from './of-domains.ts'
import type { Usage } from './usage.ts'

export interface Report {
  readonly stage: string
  readonly kafka: string
  readonly sagas: number
  /** What a saga uses: undefined, as what follows from it, where no domain says it. */
  readonly usage?: Usage
  readonly atRest: AtRest
  readonly ofSagas?: SagaCost
  readonly ways: readonly Way[]
  /** From how many orders a month on the stage is the cheaper one, by the other's name; undefined: not below 40 million. */
  readonly breakEven: Readonly<Record<string, number | undefined>>
}

/** `catalog`: of a deployment of something else than the repository's own. Throws a SettingsError or an UnpricedError. */
export async function reportOf(
  stage: string,
  sagas: number,
  overrides: Partial<SettingsInput> = {},
  counted?: Usage,
  catalog?: Catalog,
): Promise<Report> {
  const settings = settingsOf(stage, overrides)
  const wiring = readCatalog(catalog ?? catalogFor(settings), settings.topicNames)
  const usage = counted ?? (await usageOfDomains[0]?.())
  const rest = atRest(Object.values(templatesOfStage(settings, wiring)))
  const alone = { stage, kafka: settings.kafka.kind, sagas, atRest: rest, ways: [], breakEven: {} }
  if (!usage) return alone
  return {
    ...alone,
    usage,
    ofSagas: costOfSagas(sagas, usage, settings),
    ways: waysToCoordinate(sagas, usage, rest, settings),
    breakEven: breakEvens(count => waysToCoordinate(count, usage, rest, settings)),
  }
}
