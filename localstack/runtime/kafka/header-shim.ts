/**
 * kafkajs makes an object of a record's headers: their order is lost, and one named `constructor` is mixed with what every
 * object has. This keeps the list beside it. Import it before a client is made; it does its work once.
 */
import type { IHeaders } from 'kafkajs'
import Decoder from 'kafkajs/src/protocol/decoder.js'

type HeaderList = readonly { readonly key: string; readonly value: Buffer | null }[]

const lists = new WeakMap<object, HeaderList>()
const decoder: { readVarIntArray: (this: Decoder, read: (decoder: Decoder) => unknown) => unknown[] } =
  Decoder.prototype
const original = decoder.readVarIntArray

/** Its only arrays are headers, and its only use of one is to reduce it to an object. */
decoder.readVarIntArray = function keepList(read) {
  const list = original.call(this, read)
  return Object.assign(list, {
    reduce(...[step, first]: Parameters<typeof list.reduce>) {
      const headers = Array.prototype.reduce.call(list, step, first) as object
      lists.set(headers, list as unknown as HeaderList)
      return headers
    },
  })
}

/** Of a record that was read: each header that it has, in order. */
export const headerListOf = (
  headers: IHeaders | undefined,
): readonly (readonly [name: string, value: Buffer | null])[] =>
  ((headers && lists.get(headers)) ?? []).map(({ key, value }) => [key, value] as const)
