/* oxlint-disable typescript/no-unnecessary-type-parameters -- comparing types exactly takes type parameters used once */
/** Whether two types are the same, not merely assignable to each other. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** `is<Equal<typeof x, string>>()` compiles only if it is so. */
export const is = <_ extends true>() => {}
