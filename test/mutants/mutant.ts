import type { World } from './worlds.ts'

/**
 * An edit of the syntax tree. `find` and `code` are TypeScript: an expression, statements, a property or spread, or a case.
 * In `find`, `$A` is any one node and `$$$A` any number of them in a row; `code` takes what they stand for.
 */
export interface Patch {
  readonly edit: 'replace' | 'remove' | 'insert-before' | 'insert-first'
  /** A declaration, wherever it is: `parseRecord`, `createRelay.relay`; with a hint where two have the name: `relay in platform`. */
  readonly where: string
  /** What is there exactly once, or the mutant is broken. */
  readonly find?: string
  readonly code?: string
  /** A declaration that the code uses and the file may not import. */
  readonly imports?: string
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
  /** It shows rarely, so that it has so many times the usual seeds. Default: 1. */
  readonly rarity?: number
  /** Why nobody can tell it from the original: it is expected to survive, and it is an error if it does not. */
  readonly redundant?: string
}

/** One expression, statement, property or case becomes another: ``replace('stuck', 'ended($TURN)', 'begun($TURN)')``. */
export const replace = (where: string, find: string, code: string): Patch => ({ edit: 'replace', where, find, code })
/** A statement, a property, an element, an operand of `&&` or `||` goes. */
export const remove = (where: string, find: string): Patch => ({ edit: 'remove', where, find })
/** Statements come before the one that is found. */
export const insertBefore = (where: string, find: string, code: string, imports?: string): Patch => ({
  edit: 'insert-before',
  where,
  find,
  code,
  ...(imports !== undefined && { imports }),
})
/** Statements come first in a function's body. */
export const insertFirst = (where: string, code: string): Patch => ({ edit: 'insert-first', where, code })
