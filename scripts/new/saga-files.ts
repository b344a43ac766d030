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
    [`test/unit/${name}/saga.test.ts`]: `import { describe, it } from 'vitest'
import { given, seconds } from '#engine/testing'
import { ${pascal}RequestedEvent } from '../../../lambdas/sagas/${name}/contract.ts'
import { ${camel}Saga } from '../../../lambdas/sagas/${name}/saga.ts'
import * as c from '../../../lambdas/services/${service.name}/contract.ts'

const begun = () => given(${camel}Saga).started(${pascal}RequestedEvent, {})

describe('the saga ${name}', () => {
  it('performs the ${service.name}, and is done', () => {
    begun()
      .thenSends(c.${service.pascal}PerformCommand, {})
      .replied(c.${service.pascal}PerformedEvent, {})
      .thenSendsNothing()
      .completed()
  })

  it('ends when that is refused, with the reason', () => {
    begun().replied(c.${service.pascal}RefusedEvent, { reason: 'NO_ROOM' }).thenSendsNothing().rolledBack('NO_ROOM')
  })

  it('asks again, and takes back what was never answered', () => {
    const askedThreeTimes = begun().after(seconds(60)).thenSends(c.${service.pascal}PerformCommand).after(seconds(60))
    askedThreeTimes
      .after(seconds(60))
      .thenSends(c.${service.pascal}RevertCommand)
      .replied(c.${service.pascal}RevertedEvent, {})
      .rolledBack('TIMED_OUT')
  })
})
`,
  }
}
