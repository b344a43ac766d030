/** A service that takes part in sagas: it performs its work, refuses it, or takes it back. */
import { pluralOf } from '#engine/delivery/topics.ts'
import type { Names } from './names.ts'

/** By path from the repository's root. */
export type Files = Readonly<Record<string, string>>

export function serviceFiles({ name, camel, pascal }: Names): Files {
  const folder = `lambdas/services/${name}`
  return {
    [`${folder}/contract.ts`]: `/** Messages about a ${name}. */
import * as z from 'zod'
import { reason } from '#engine/model/fields.ts'
import { messagesOf } from '#engine/model/messages.ts'

const messages = messagesOf('${name}', '${camel}Id')

export const ${pascal}PerformedEvent = messages.event('${pascal}PerformedEvent', z.object({}), {
  description: 'The work of the ${name} is done.',
})
export const ${pascal}RefusedEvent = messages.event('${pascal}RefusedEvent', z.object({ reason }), {
  description: 'Nothing was done.',
})
export const ${pascal}RevertedEvent = messages.event('${pascal}RevertedEvent', z.object({}), {
  description: 'Nothing is done, and nothing will be.',
})

export const ${pascal}PerformCommand = messages.command('${pascal}PerformCommand', z.object({}), {
  description: 'Do the work of the ${name}.',
  done: [${pascal}PerformedEvent],
  refused: [${pascal}RefusedEvent],
})
export const ${pascal}RevertCommand = messages.command('${pascal}RevertCommand', z.object({}), {
  description: 'Take it back; a perform that comes later is refused.',
  done: [${pascal}RevertedEvent],
})
`,
    [`${folder}/rules.ts`]: `/** A ${name} is PERFORMED, or REVERTED for good. Pure. */
import { aggregate, publish } from '#engine/model/aggregate-builder.ts'
import type { Decision, OutgoingMessage, Table } from '#engine/model/aggregate.ts'
import * as c from './contract.ts'

export interface ${pascal}State {
  readonly status: 'PERFORMED' | 'REVERTED'
}

export const ${camel}Table: Table = { name: '${pluralOf(name)}', partition: '${camel}Id' }

export const ${camel}Aggregate = aggregate<${pascal}State>('${name}', { table: ${camel}Table })
  .handles(c.${pascal}PerformCommand, {
    publishes: [c.${pascal}PerformedEvent, c.${pascal}RefusedEvent],
    decide: state =>
      state?.status === 'REVERTED'
        ? { kind: 'answer', publish: [publish(c.${pascal}RefusedEvent, { reason: 'REVERTED' })] }
        : become(state, 'PERFORMED', publish(c.${pascal}PerformedEvent, {})),
  })
  .handles(c.${pascal}RevertCommand, {
    publishes: [c.${pascal}RevertedEvent],
    // One that comes before its perform leaves a tombstone, so that the late perform is refused: the two commute.
    decide: state => become(state, 'REVERTED', publish(c.${pascal}RevertedEvent, {})),
  })
  .build()

/** Commits the new status and replies; where it is so already, replies alone: the reply that the saga had may be lost. */
function become<Type extends string>(
  state: ${pascal}State | undefined,
  status: ${pascal}State['status'],
  reply: OutgoingMessage<Type>,
): Decision<${pascal}State, Type, never> {
  if (state?.status === status) return { kind: 'answer', publish: [reply] }
  return { kind: 'commit', state: { status }, publish: [reply] }
}
`,
    [`${folder}/service.ts`]: `import type { Service } from '#engine/catalog/catalog.ts'
import { ${camel}Aggregate } from './rules.ts'

export const ${camel}Service: Service = { name: '${name}', aggregate: ${camel}Aggregate }
`,
    [`${folder}/handler.ts`]: `import { kafkaHandler } from '#engine/adapters/lambda/kafka-handler.ts'
import { ${camel}Aggregate } from './rules.ts'

export const handler = kafkaHandler(${camel}Aggregate)
`,
    [`test/unit/${name}/rules.test.ts`]: `import { describe, it } from 'vitest'
import { given } from '#engine/testing'
import * as c from '../../../lambdas/services/${name}/contract.ts'
import { ${camel}Aggregate } from '../../../lambdas/services/${name}/rules.ts'

describe('a ${name}', () => {
  it('is performed once, however often it is asked', () => {
    given(${camel}Aggregate)
      .when(c.${pascal}PerformCommand, {})
      .thenPublishes(c.${pascal}PerformedEvent, {})
      .thenState({ status: 'PERFORMED' })
      .when(c.${pascal}PerformCommand, {})
      .thenPublishes(c.${pascal}PerformedEvent, {})
      .thenState({ status: 'PERFORMED' })
  })

  it('stays reverted when the perform comes late', () => {
    given(${camel}Aggregate)
      .when(c.${pascal}RevertCommand, {})
      .thenPublishes(c.${pascal}RevertedEvent, {})
      .when(c.${pascal}PerformCommand, {})
      .thenPublishes(c.${pascal}RefusedEvent, { reason: 'REVERTED' })
      .thenState({ status: 'REVERTED' })
  })
})
`,
  }
}
