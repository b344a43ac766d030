/** One version of a saga, as it is written and as it is locked. */
import * as z from 'zod'

/** One version of a saga. */
export interface Definition {
  /** `order@1` */
  readonly id: string
  readonly saga: string
  readonly version: number
  /** From the repository's root: `lambdas/sagas/order/saga.ts`. */
  readonly module: string
  /** The name that the module gives it: `orderSaga`. */
  readonly exportName: string
  /** Its saga's handler has it. */
  readonly handled: boolean
  readonly locked: Locked
}

export const Locked = z.object({
  /** Hash of `description`. */
  describe: z.string(),
  /** Hash of the minified source of the module that defines it, and of what it imports from its own folder. */
  definition: z.string(),
  /** What made that: `esbuild 0.28.2`. */
  minifiedBy: z.string(),
  /** What `describe()` says. */
  description: z.record(z.string(), z.unknown()),
  /** Minified, by what they do: `send of step 'pay'`. */
  functions: z.record(z.string(), z.string()),
})
export type Locked = z.infer<typeof Locked>

/** By `<saga>@<version>`. */
export type Lock = Readonly<Record<string, Locked>>

/** What has to be put right before anything can be locked or compared, with its remedy. */
export class LockError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LockError'
  }
}
