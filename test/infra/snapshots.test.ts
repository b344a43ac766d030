import { describe, expect, it } from 'vitest'
import { page, readable } from './fixtures/readable.ts'
import { stackLines } from './fixtures/stack-lines.ts'
import { describeStage } from './fixtures/synthesized.ts'
import { letters, wiring } from './fixtures/wiring.ts'

// After a wanted change: npx vitest run --project infra -u, and read the difference.
/** One more of everything that only some systems have. */
const functions = [
  ...wiring.functions.map(fn => (fn.name === 'sweeper' ? { ...fn, findsWithoutSaga: ['parcels'] } : fn)),
  letters,
]
const stage = describeStage({ wiring: { ...wiring, functions } })
const stack = (part: string) => readable(stage.template(part).toJSON())
const snapshot = (of: string) => `snapshots/${of}.txt`

/** Of a stack, what one construct made: by the beginnings of its resources' names. */
const constructs: readonly (readonly [construct: string, stack: string, names: RegExp])[] = [
  ['function', 'services', /^parcel(Function|Logs|Role)/],
  ['kafka-source', 'services', /^parcelcouriers/],
  ['feed-source', 'services', /^relay(?!Function|Logs|Role)/],
  ['table', 'data', /^parcelsTable/],
  ['data-key', 'data', /^Key/],
  ['topics', 'streaming', /^Topicsparcels/],
  ['msk-cluster', 'streaming', /^Msk/],
  ['bootstrap-servers', 'streaming', /^Bootstrap/],
  ['failed-events', 'foundation', /^FailedEvents/],
  ['alarm-topic', 'foundation', /^Alarms/],
  ['watch-key', 'foundation', /^WatchKey/],
  ['users', 'api', /^Users/],
  ['web-acl', 'api', /Acl/],
  ['health', 'api', /^Apihealth/],
]

describe('a construct', () => {
  it.each(constructs)('%s makes what it made before', async (construct, part, names) => {
    const made = Object.fromEntries(Object.entries(stack(part)).filter(([name]) => names.test(name)))
    expect(made).not.toEqual({})
    await expect(page(made)).toMatchFileSnapshot(snapshot(`constructs/${construct}`))
  })
})

describe('a stack', () => {
  it.each(['foundation', 'network', 'streaming', 'data', 'services', 'api', 'observability'])(
    '%s has what it had before',
    async part => {
      await expect(stackLines(stack(part))).toMatchFileSnapshot(snapshot(`stacks/${part}`))
    },
  )
})
