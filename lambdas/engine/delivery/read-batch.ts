import type { Aggregate } from '../model/aggregate.ts'
import type { Item, Ref, Store } from '../model/ports.ts'
import { refKey } from './alongside.ts'
import type { BatchExtension } from './consumer-extension.ts'
import { itemKeyOf, unpackItem } from './stored-item.ts'
import type { Work } from './work.ts'

/** One batched read: every key's item, and whatever else its messages' decisions look at, by `refKey`. */
export async function readBatch<State extends object>(
  { aggregate, store }: { readonly aggregate: Aggregate<State>; readonly store: Store },
  works: readonly Work<State>[],
  extension: BatchExtension<State> | undefined,
): Promise<Map<string, Item | undefined>> {
  const others = new Map<string, Ref>()
  for (const { queue } of works)
    for (const { reads = [] } of queue) for (const ref of reads) others.set(refKey(ref), ref)
  const own = works.map(work => itemKeyOf(aggregate, work.key))
  const [items] = await Promise.all([store.read([...own, ...others.values()]), extension?.read()])
  works.forEach((work, i) => {
    const item = items[i]
    if (item) work.stored = unpackItem<State>(item)
  })
  return new Map([...others.keys()].map((id, i) => [id, items[own.length + i]]))
}
