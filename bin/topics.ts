/**
 * Prints the topics that a stage needs, for a Kafka whose topics nobody makes here (`kafka.kind` `self-managed`):
 * `npm run --silent topics -- --stage hubs [--json | --azure]`.
 */
import { Command } from 'commander'
import { CatalogError, readCatalog } from '#engine/catalog/wiring.ts'
import { catalogFor } from '../lambdas/catalog.ts'
import { SettingsError, settingsOf } from '../lib/config.ts'
import { azureCommands, beyondStandard } from '../lib/event-hubs.ts'
import { planTopics } from '../lib/topics.ts'
import { plainTable } from '../client/plain-table.ts'

const { stage, json, azure } = new Command('topics')
  .description('Prints the topics of a stage, their dead-letter topics among them.')
  .option('--stage <name>', 'a stage of lib/config.ts', 'dev')
  .option('--json', 'for programs')
  .option('--azure', 'as commands of the Azure command line, for an Event Hubs namespace')
  .parse()
  .opts<{ stage: string; json?: boolean; azure?: boolean }>()

try {
  const settings = settingsOf(stage)
  const topics = planTopics(readCatalog(catalogFor(settings), settings.topicNames).topics, settings)
  if (azure) {
    process.stdout.write(`${azureCommands(topics).join('\n')}\n`)
    for (const line of beyondStandard(topics)) process.stderr.write(`${line}\n`)
  } else if (json) {
    const described = topics.map(({ name, partitions, configs }) => ({ name, partitions, configs }))
    process.stdout.write(`${JSON.stringify(described, undefined, 2)}\n`)
  } else {
    const rows = topics.map(({ name, partitions, retentionHours, configs }) => [
      name,
      partitions,
      `${retentionHours / 24} days`,
      configs['max.message.bytes'] ?? '',
    ])
    process.stdout.write(`${plainTable(['TOPIC', 'PARTITIONS', 'KEPT', 'BYTES AT MOST'], rows)}\n`)
  }
} catch (error) {
  if (!(error instanceof SettingsError || error instanceof CatalogError)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}
