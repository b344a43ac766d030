import { delivery } from './list/delivery.ts'
import { more } from './list/more.ts'
import { quoting } from './list/quoting.ts'
import type { Mutant } from './mutant.ts'
import { worlds } from './worlds.ts'

/** The sources as they are, in every world. */
export const control: Mutant = {
  name: 'control',
  rule: 'none',
  does: 'The sources as they are: nothing is to be found.',
  worlds,
  patches: [],
}

export const mutants: readonly Mutant[] = [...delivery, ...quoting, ...more]
