/** A saga of one step that can be taken back, begun by an event from outside. */
import type { Names } from './names.ts'
import type { Files } from './service-files.ts'

/** `service`: whose commands it sends; one that `npm run new -- service` made. */
export function sagaFiles({ name, camel, pascal }: Names, service: Names): Files {
  const folder = `lambdas/sagas/${name}`
  // The saga's own key is filled in where the service calls it by the same name.
  const send = service.name === name ? '' : `send: state => ({ ${service.camel}Id: state.${camel}Id })`
  return {
    [`${folder}/contract.ts`]: `/** What begins a ${name}. */
import * as z from 'zod'
import { messagesOf } from '#engine/model/messages.ts'

export const ${pascal}RequestedEvent = messagesOf('${name}', '${camel}Id').event(
  '${pascal}RequestedEvent',
  z.object({}),
  { description: 'Somebody wants a ${name}; nothing has been done yet.' },
)
`,
    [`${folder}/saga.ts`]: `import { nothing, saga } from '#engine/saga/builder.ts'
import { minutes, seconds } from '#engine/saga/durations.ts'
import { ${service.pascal}PerformCommand, ${service.pascal}RevertCommand } from '../../services/${service.name}/contract.ts'
import { ${pascal}RequestedEvent } from './contract.ts'

/** Performs the ${service.name}, or takes it back. */
export const ${camel}Saga = saga('${name}', {
  version: 1,
  startsWith: ${pascal}RequestedEvent,
  deadline: minutes(15),
})
  .step('perform', ${service.pascal}PerformCommand, {
    ${send === '' ? '' : `${send},`}
    done: { ${service.pascal}PerformedEvent: nothing },
    refused: { ${service.pascal}RefusedEvent: reply => reply.reason },
    within: seconds(60),
  })
  .undo(${service.pascal}RevertCommand, {${send}})
  .build()
`,
    [`${folder}/handler.ts`]: `import { sagaHandler } from '#engine/adapters/lambda/saga-handler.ts'
import { ${camel}Saga } from './saga.ts'

export const handler = sagaHandler(${camel}Saga)
`,
    [`test/unit/${name}/saga.test.ts`]: `import { describe, expect, it } from 'vitest'
import { decideBatch } from '#engine/delivery/decide-batch.ts'
import type { Stored } from '#engine/delivery/stored-item.ts'
import { orchestrator } from '#engine/saga/orchestrator.ts'
import type { SagaState } from '#engine/saga/state.ts'
import { ${camel}Saga } from '../../../lambdas/sagas/${name}/saga.ts'

describe('the saga ${name}', () => {
  it('performs the ${service.name}, and is done', () => {
    const saga = begun()
    expect(saga.sent).toEqual(['${service.pascal}PerformCommand'])
    expect(saga.hears('${service.pascal}PerformedEvent')).toMatchObject({ status: 'COMPLETED' })
  })

  it('aborts when that is refused, with the reason', () => {
    expect(begun().hears('${service.pascal}RefusedEvent', { reason: 'NO_ROOM' })).toMatchObject({
      status: 'ABORTED',
      reason: 'NO_ROOM',
    })
  })
})

/** A saga that has just been asked for. */
function begun() {
  const sent: string[] = []
  let stored: Stored<SagaState> | undefined
  let count = 0
  const hears = (type: string, body: Record<string, unknown> = {}) => {
    const message = { id: \`m\${(count += 1)}\`, type, sagaId: 's1', body }
    const { commit, effects } = decideBatch({
      aggregate: orchestrator(${camel}Saga),
      key: 's1',
      stored,
      message: [message],
      now: 0,
      read: () => undefined,
    })
    stored = commit?.stored ?? stored
    sent.push(...effects.sent.map(each => each.type))
    return stored?.state
  }
  hears('${pascal}RequestedEvent')
  return { sent, hears }
}
`,
  }
}
