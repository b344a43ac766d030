/**
 * Event patterns, as EventBridge and Lambda's filters write them: every field of the pattern must match, a list is
 * "any of these", an object in a list is an operator. An operator that is not known here is an error that names it.
 */
import { ownOf } from '#engine/model/own.ts'

type Json = unknown
interface Fields {
  readonly [field: string]: Json
}

const isObject = (value: Json): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value)

/** Whether `value` matches; `undefined` is a field that is not there. Throws if the pattern can't be understood. */
export function matches(pattern: Json, value: Json): boolean {
  if (Array.isArray(pattern)) return pattern.some(condition => holds(condition as Json, value))
  if (!isObject(pattern)) throw new Error(`a pattern is made of objects and lists, not ${JSON.stringify(pattern)}`)
  return Object.entries(pattern).every(([field, inner]) =>
    field === '$or'
      ? Array.isArray(inner) && inner.some(alternative => matches(alternative as Json, value))
      : matches(inner, isObject(value) ? value[field] : undefined),
  )
}

/** A list in the value matches if one of its items does. */
function holds(condition: Json, value: Json): boolean {
  if (!isObject(condition)) return itemsOf(value).some(item => item === condition)
  const [operator, argument] = Object.entries(condition)[0] ?? ['', undefined]
  switch (operator) {
    case 'exists':
      return (value !== undefined && !isObject(value)) === argument
    case 'prefix':
      return someText(value, text => text.startsWith(String(argument)))
    case 'suffix':
      return someText(value, text => text.endsWith(String(argument)))
    case 'equals-ignore-case':
      return someText(value, text => text.toLowerCase() === String(argument).toLowerCase())
    case 'anything-but':
      return value !== undefined && !itemsOf(value).some(item => itemsOf(argument).includes(item))
    case 'numeric':
      return itemsOf(value).some(item => typeof item === 'number' && inRange(item, argument))
    default:
      throw new Error(`the local runtime does not know the filter operator ${JSON.stringify(operator)}`)
  }
}

const itemsOf = (value: Json): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [value])

const someText = (value: Json, test: (text: string) => boolean) =>
  itemsOf(value).some(item => typeof item === 'string' && test(item))

/** `['>', 0, '<=', 5]` */
function inRange(value: number, argument: Json): boolean {
  const parts = Array.isArray(argument) ? (argument as Json[]) : []
  for (let i = 0; i < parts.length; i += 2) {
    const bound = Number(parts[i + 1])
    if (!ownOf(comparisons, String(parts[i]))?.(value, bound)) return false
  }
  return parts.length > 0
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}
