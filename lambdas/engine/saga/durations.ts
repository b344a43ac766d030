import type { Duration } from './definition.ts'

/** How long a saga or a step may take: `within: seconds(60)`, `deadline: minutes(15)`. */
export const seconds = (count: number): Duration => ({ seconds: count })
export const minutes = (count: number): Duration => seconds(count * 60)
export const hours = (count: number): Duration => minutes(count * 60)
