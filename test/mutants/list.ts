import { delivery } from './list/delivery.ts'
import { more } from './list/more.ts'
import { quoting } from './list/quoting.ts'
import type { Mutant } from './mutant.ts'
import { worlds } from './worlds.ts'

/** The sources as they are, in each world: if something is found there, no mutant proves anything. */
export const controls: readonly Mutant[] = worlds.map(world => ({
  name: `control-${world.replaceAll(' ', '-')}`,
  rule: 'none',
  does: 'The sources as they are.',
  worlds: [world],
  patches: [],
}))

export const mutants: readonly Mutant[] = [...delivery, ...quoting, ...more]

/** What a mutant must come to: only what nobody can tell from the original survives. */
export const expectedOf = (mutant: Mutant) =>
  controls.includes(mutant) || mutant.redundant !== undefined ? 'survived' : 'killed'
