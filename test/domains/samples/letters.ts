/** Dead letters of the sample domains, whose consumers and sagas say what was handled and what is waited for. */
import { deadLetters } from '../../support/dead-letters.ts'
import { samplesFor } from './catalog.ts'

export const lettersOfSamples = ({ publisher, log }: Parameters<typeof deadLetters>[0] = {}) =>
  deadLetters({
    domains: samplesFor('orchestration').domains,
    ...(publisher && { publisher }),
    ...(log && { log }),
  })
