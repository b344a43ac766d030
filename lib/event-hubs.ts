/** Topics as the hubs of an Azure Event Hubs namespace, which nothing here can create. */
import type { PlannedTopic } from './topics.ts'

/** Of a namespace, by Azure's quotas (learn.microsoft.com/azure/event-hubs/event-hubs-quotas). */
const STANDARD = { hubs: 10, partitions: 32, retentionHours: 7 * 24 }

/** Lines of a shell that create the hubs by Azure's command line, in the namespace that `$GROUP` and `$NAMESPACE` name. */
export const azureCommands = (topics: readonly PlannedTopic[]): string[] =>
  topics.map(
    ({ name, partitions, retentionHours }) =>
      `az eventhubs eventhub create --resource-group "$GROUP" --namespace-name "$NAMESPACE" --name ${name} --partition-count ${partitions} --cleanup-policy Delete --retention-time-in-hours ${retentionHours}`,
  )

/** What the Standard tier would refuse, and what to do about it; empty if it takes them all. */
export function beyondStandard(topics: readonly PlannedTopic[]): string[] {
  const most = (of: (topic: PlannedTopic) => number) => Math.max(0, ...topics.map(of))
  const partitions = most(topic => topic.partitions)
  const retentionHours = most(topic => topic.retentionHours)
  return [
    topics.length > STANDARD.hubs
      ? `${topics.length} hubs, dead letters among them: Standard allows ${STANDARD.hubs} a namespace. Give topics one name (topicNames), or take Premium`
      : '',
    partitions > STANDARD.partitions
      ? `${partitions} partitions: Standard allows ${STANDARD.partitions}. Lower the stage's partitions, or take Premium`
      : '',
    retentionHours > STANDARD.retentionHours
      ? `kept for ${retentionHours} hours: Standard forgets after ${STANDARD.retentionHours}. Lower the stage's retention to 7 days, or take Premium`
      : '',
  ].filter(line => line !== '')
}
