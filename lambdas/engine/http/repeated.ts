/** Fields that stand twice in one object of a JSON text: a parser keeps the last and says nothing. Pure. */
import { type FieldError, fieldAt } from './problem.ts'

interface Open {
  readonly path: readonly PropertyKey[]
  /** Of an object; a list has none. */
  readonly names?: Set<string>
  /** The field or the place that its next value has; undefined where a field's name is to come. */
  at: string | number | undefined
}

/** `json` parses, and is not nested deeply: both have been seen to. */
export function repeatedFields(json: string): FieldError[] {
  const errors: FieldError[] = []
  const open: Open[] = []
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    const inside = open.at(-1)
    if (token === '{' || token === '[') {
      const path = inside?.at === undefined ? [] : [...inside.path, inside.at]
      open.push(token === '{' ? { path, names: new Set(), at: undefined } : { path, at: 0 })
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && inside) inside.at = typeof inside.at === 'number' ? inside.at + 1 : undefined
    else if (inside?.names && inside.at === undefined) {
      const name = JSON.parse(token) as string
      if (inside.names.has(name))
        errors.push({ field: fieldAt([...inside.path, name]), message: 'is given more than once: give it once' })
      inside.names.add(name)
      inside.at = name
    }
  }
  return errors
}
