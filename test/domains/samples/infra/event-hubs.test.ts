import { describe, expect, it } from 'vitest'
import { readCatalog } from '#engine/catalog/wiring.ts'
import { quotings } from '../../../../lambdas/quoting.ts'
import { eventHubs, eventHubsStandard } from '../../../../lambdas/topic-names.ts'
import { beyondStandard } from '../../../../lib/event-hubs.ts'
import { parseSettings } from '../../../../lib/config.ts'
import { planTopics } from '../../../../lib/topics.ts'
import { samplesFor } from '../catalog.ts'

const settings = parseSettings('dev', { kafka: { kind: 'msk-express' }, topicPrefix: 'ci-', partitions: 6 })
const onStandard = { ...settings, retention: { ...settings.retention, deadLetterDays: 7 } }

describe('the Standard tier of Event Hubs', () => {
  it('is too small for every topic of the samples by its own name, and says by how much', () => {
    const topics = planTopics(readCatalog(samplesFor('choreography'), eventHubs).topics, {
      ...settings,
      partitions: 33,
    })
    expect(beyondStandard(topics)).toEqual([
      expect.stringMatching(/^\d\d hubs, dead letters among them: Standard allows 10/),
      expect.stringMatching(/^33 partitions: Standard allows 32/),
      expect.stringMatching(/^kept for 720 hours: Standard forgets after 168/),
    ])
  })

  it.each(quotings)('takes those of %s where commands share a hub and events another', quoting => {
    const { topics } = readCatalog(samplesFor(quoting), eventHubsStandard)
    expect(beyondStandard(planTopics(topics, onStandard))).toEqual([])
  })
})
