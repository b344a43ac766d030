import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { deployedStages, settingsOf } from '../../../../lib/config.ts'
import { atRest } from '../../../../lib/cost/at-rest.ts'
import { templatesOfStage } from '../../../../lib/templates.ts'
import { kafkaKinds } from '../../../../scripts/cost/kafka-kinds.ts'
import { reportOf } from '../../../../scripts/cost/report.ts'
import { samplesFor } from '../catalog.ts'

const root = join(import.meta.dirname, '../../../..')
const billOf = (stage: string, overrides: Parameters<typeof settingsOf>[1] = {}) => {
  const settings = settingsOf(stage, overrides)
  const wiring = readCatalog(samplesFor(settings.quoting), settings.topicNames)
  return atRest(Object.values(templatesOfStage(settings, wiring)))
}

it('the figures of docs/cost.md are those of npm run cost, for the samples and nothing else', async () => {
  const page = await readFile(join(root, 'docs/cost.md'), 'utf8')
  const rowOf = (start: string) => page.split('\n').find(line => line.startsWith(start))
  const whole = (usd: number | undefined) => Math.round(usd ?? Number.NaN).toLocaleString('en')
  const { ways, breakEven } = await reportOf('prod', 1_000_000, {}, undefined, samplesFor('orchestration'))
  expect(ways).toHaveLength(5)
  for (const { name, atRest, coordination, services } of ways) {
    const row = rowOf(`| ${name.replace('(msk-express)', 'on `msk-express`')}`)
    expect(row).toMatch(new RegExp(`\\| ${whole(atRest)} \\| ${whole(coordination)} \\| ${whole(services)} \\|$`))
  }
  for (const kafka of kafkaKinds.slice(1))
    expect(rowOf(`| prod | \`${kafka.kind}\``)).toMatch(new RegExp(`\\| ${whole(billOf('prod', { kafka }).usd)} \\|$`))
  for (const stage of deployedStages)
    expect(rowOf('| dev, staging, prod |')).toMatch(new RegExp(`\\| ${whole(billOf(stage).usd)} \\|$`))
  expect(page).toContain(`Standard from about ${whole((breakEven['Step Functions Standard'] ?? 0) / 1e6)} million`)
  expect(page).toContain(`Temporal Cloud from about ${whole((breakEven['Temporal Cloud'] ?? 0) / 1e6)} million`)
})
