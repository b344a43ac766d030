import type { World } from './worlds.ts'

/** One text of one file, and what takes its place. The text is there exactly once, or the mutant is broken. */
export interface Patch {
  /** From the root of the repository: `lambdas/engine/delivery/decide-batch.ts`. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A mistake that somebody could make: the sources with one rule taken out. */
export interface Mutant {
  /** Letters, digits and dashes: `--only` takes it. */
  readonly name: string
  /** The rule of `design.md` that it breaks: `delivery 6`, `quoting 2`; else the part of the system. */
  readonly rule: string
  /** What it does, in a sentence. */
  readonly does: string
  /** Where the mistake can show. */
  readonly worlds: readonly World[]
  readonly patches: readonly Patch[]
  /** Why nobody can tell it from the original: it is expected to survive, and it is an error if it does not. */
  readonly redundant?: string
}

/** `patch('a/b.ts', 'find', 'replace')`. */
export const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace })
