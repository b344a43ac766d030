import { describe, expect, it } from 'vitest'
import { azureCommands, beyondStandard } from '../../lib/event-hubs.ts'
import { parseSettings } from '../../lib/config.ts'
import { planTopics } from '../../lib/topics.ts'

const settings = parseSettings('dev', { kafka: { kind: 'msk-express' }, topicPrefix: 'ci-', partitions: 6 })

describe('topics that others create', () => {
  it('are each listed with their dead-letter topic, partitions and how long they keep', () => {
    const [topic, deadLetters, ...more] = planTopics(['parcels'], settings)
    expect(more).toEqual([])
    expect(topic).toMatchObject({ name: 'ci-parcels', partitions: 6, retentionHours: 168 })
    expect(deadLetters).toMatchObject({ name: 'ci-parcels.dlq', partitions: 6, retentionHours: 720 })
    expect(deadLetters?.configs).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': 2_592_000_000,
      'max.message.bytes': 8_388_608,
    })
  })

  it('are a line of the Azure command line each', () => {
    expect(azureCommands(planTopics(['parcels'], settings))[1]).toBe(
      'az eventhubs eventhub create --resource-group "$GROUP" --namespace-name "$NAMESPACE" --name ci-parcels.dlq --partition-count 6 --cleanup-policy Delete --retention-time-in-hours 720',
    )
  })
})

describe('the Standard tier of Event Hubs', () => {
  it('is too small for many topics, and says by how much', () => {
    const topics = planTopics(['orders', 'quotes', 'policies', 'customers', 'parcels', 'couriers'], {
      ...settings,
      partitions: 33,
    })
    expect(beyondStandard(topics)).toEqual([
      expect.stringMatching(/^12 hubs, dead letters among them: Standard allows 10/),
      expect.stringMatching(/^33 partitions: Standard allows 32/),
      expect.stringMatching(/^kept for 720 hours: Standard forgets after 168/),
    ])
  })
})
