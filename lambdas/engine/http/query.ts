/** The query of a request, held against what its route declares. */
import type { Route } from '../catalog/catalog.ts'
import { pageQuery } from './paging.ts'
import type { FieldError } from './problem.ts'
import { isText, noText } from './text.ts'
import { shownName, unknownName } from './unknown.ts'

/** The names that a route reads. */
export const queryNames = ({ query = [], pages = false }: Pick<Route, 'query' | 'pages'>): string[] => [
  ...query.map(({ name }) => name),
  ...(pages ? Object.keys(pageQuery.shape) : []),
]

/** What is not known, given twice, or no text. Which value of two would have been meant nobody can say. */
export function queryErrors(search: URLSearchParams, known: readonly string[]): FieldError[] {
  return [...new Set(search.keys())].flatMap((name): FieldError[] => {
    const values = search.getAll(name)
    if (!isText(name)) return [noText(name)]
    if (!known.includes(name)) return [unknownName(shownName(name), name, known)]
    if (values.length > 1) return [{ field: name, message: 'is given more than once: give it once' }]
    return values.every(isText) ? [] : [noText(name)]
  })
}
