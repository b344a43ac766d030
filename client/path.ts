import { ApiError } from './api-client.ts'

/** A path of these segments: `pathOf('sagas', saga, id)`. Throws ApiError for one that no address can hold. */
export const pathOf = (...segments: readonly string[]): string => `/${segments.map(encoded).join('/')}`

/** Whoever asks for an address takes `.` and `..` for "here" and "one up", also where they are percent-encoded. */
function encoded(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..')
    throw new ApiError(`"${segment}" is no name or id that there can be: write another`, 0)
  return encodeURIComponent(segment.toWellFormed())
}
