/** The messages as they are published, from `docs/asyncapi/<wiring>.yaml`: what a stranger may say, and where. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { JsonSchema } from './published-api.ts'
import { root } from './system.ts'

export interface PublishedMessage {
  readonly type: string
  readonly kind: 'command' | 'event'
  /** Of a record's value, without references. */
  readonly payload: JsonSchema
}

export interface PublishedTopic {
  readonly topic: string
  readonly types: readonly PublishedMessage[]
}

interface Document {
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, unknown>> }>>
  readonly components: {
    readonly messages: Readonly<
      Record<string, { readonly payload: JsonSchema; readonly tags?: readonly { name: string }[] }>
    >
  }
}

/** Every topic of a wiring but those of dead letters. */
export function publishedTopics(wiring: string): readonly PublishedTopic[] {
  const { channels, components } = parse(readFileSync(join(root, `docs/asyncapi/${wiring}.yaml`), 'utf8')) as Document
  return Object.entries(channels)
    .filter(([topic]) => !topic.endsWith('.dlq'))
    .map(([topic, { messages }]) => ({
      topic,
      types: Object.keys(messages).map(type => {
        const { payload, tags } = components.messages[type] ?? { payload: {} }
        const kind = tags?.some(({ name }) => name === 'command') ? 'command' : 'event'
        return { type, kind, payload }
      }),
    }))
}
