import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { dynamoDbStore } from '#engine/adapters/dynamodb/store.ts'
import { silentLog } from '#engine/adapters/memory/log.ts'
import { memoryStore } from '#engine/adapters/memory/store.ts'
import type { Alongside, Commit, CommitResult, Item, Key, Query, Ref, Store } from '#engine/model/ports.ts'
import { testDynamoDb, unique } from '../../support/servers.ts'
import { createTestTables } from '../../support/tables.ts'
import { contractTables } from './tables.ts'

/**
 * The same words to both stores, whatever they are: the memory store that simulations believe answers as DynamoDB does.
 * A failure prints fast-check's seed and path, and the smallest list of words that is answered differently.
 */
const RUNS = 40
const WORDS_MAX = 25
const THINGS = ['a', 'b', 'c']
const SHELVES = ['s', 't']

let real: Store
beforeAll(async () => {
  const client = testDynamoDb()
  const tables = await createTestTables(client, contractTables, unique('differential'))
  real = dynamoDbStore({ client, tables, log: silentLog })
})

/** Which item a commit says it has read: none, the present one, an older one, or one that never was. */
const read = fc.constantFrom('none' as const, 'present' as const, 'older' as const, 'never' as const)
const fields = fc.record(
  {
    owner: fc.constantFrom('olga', 'otto'),
    createdAt: fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03'),
    wakePartition: fc.constantFrom('order#RUNNING#0', 'order#STUCK#0'),
    wakeAt: fc.integer({ min: -3, max: 5 }),
    text: fc.string({ unit: 'binary', maxLength: 5 }).map(text => text.toWellFormed()),
    list: fc.array(fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.constant('x')), { maxLength: 3 }),
    nested: fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), fc.integer(), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
)
const alongside = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    id: fc.constantFrom(...SHELVES),
    by: fc.integer({ min: -3, max: 3 }),
    atLeast: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    equals: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('insert' as const), id: fc.constantFrom('e', 'f'), n: fc.integer({ min: 1, max: 3 }) }),
)
const commit = fc.record({
  read,
  fields,
  alongside: fc.uniqueArray(alongside, { maxLength: 2, selector: refOfChange }),
})
const word = fc.oneof(
  { weight: 5, arbitrary: fc.record({ say: fc.constant('commit' as const), id: fc.constantFrom(...THINGS), commit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      say: fc.constant('commits' as const),
      commits: fc.uniqueArray(fc.record({ id: fc.constantFrom(...THINGS), read, fields }), {
        minLength: 1,
        maxLength: 3,
        selector: ({ id }) => id,
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      say: fc.constant('row' as const),
      id: fc.constantFrom(...THINGS),
      step: fc.constantFrom('x', 'y', 'z'),
      at: fc.integer(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ say: fc.constant('stock' as const), id: fc.constantFrom(...SHELVES) }) },
  { weight: 1, arbitrary: fc.record({ say: fc.constant('read' as const), ids: fc.array(fc.constantFrom(...THINGS)) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      say: fc.constant('query' as const),
      of: fc.constantFrom('byOwner', 'byStatus', 'steps', 'events'),
      which: fc.nat({ max: 2 }),
      from: fc.option(fc.nat({ max: 2 }), { nil: undefined }),
      to: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
      descending: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
)
type Word = typeof word extends fc.Arbitrary<infer W> ? W : never

function refOfChange(change: { kind: string; id: string; n?: number }) {
  return `${change.kind} ${change.id} ${change.n ?? ''}`
}

describe('the store in memory and the store on DynamoDB', () => {
  it('answer the same to the same words', async () => {
    let run = 0
    let outgoing = 0
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 5, maxLength: WORDS_MAX }), async words => {
        const both = conversation({ memory: memoryStore(contractTables), real, prefix: `${process.pid}-${++run}-` })
        for (const word of words) {
          outgoing++
          const [inMemory, onDynamoDb] = await both(word)
          expect(inMemory).toEqual(onDynamoDb)
        }
      }),
      { numRuns: RUNS },
    )
    expect(outgoing).toBeGreaterThan(RUNS * 5)
  }, 120_000)
})

/** Says each word to both, with items that only this conversation knows. */
function conversation({ memory, real, prefix }: { memory: Store; real: Store; prefix: string }) {
  const stores = [memory, real] as const
  /** What was committed of each thing, oldest first. */
  const versions = new Map<string, Item[]>()
  const thing = (id: string): Ref => ({ table: 'things', key: { id: prefix + id } })
  const toBoth = async <T>(ask: (store: Store) => Promise<T>) => [await ask(stores[0]), await ask(stores[1])] as const

  const changeOf = (change: Extract<Word, { say: 'commit' }>['commit']['alongside'][number]): Alongside => {
    if (change.kind === 'insert') {
      const key = { id: prefix + change.id, n: change.n }
      return { kind: 'insert', ref: { table: 'events', key }, item: { ...key, what: 'event' } }
    }
    const { id, by, atLeast, equals } = change
    return {
      kind: 'add',
      ref: thing(id),
      add: { stock: by },
      ...(atLeast !== undefined && { atLeast: { stock: atLeast } }),
      ...(equals !== undefined && { equals: { stock: equals } }),
    }
  }
  const commitOf = (
    id: string,
    how: { read: 'none' | 'present' | 'older' | 'never'; fields: object },
    changes: readonly Alongside[] = [],
  ): Commit => {
    const known = versions.get(id) ?? []
    const previous = {
      none: undefined,
      present: known.at(-1),
      older: known.at(-2),
      never: { id: prefix + id, version: 77 },
    }[how.read]
    // Values that indexes hold belong to this conversation, as all of them share the table.
    const own = Object.entries(how.fields).map(([name, value]) =>
      name === 'owner' || name === 'wakePartition' ? [name, prefix + String(value)] : [name, value],
    )
    const item = {
      ...Object.fromEntries(own),
      id: prefix + id,
      version: Number(previous?.['version'] ?? 0) + 1,
    } as Item
    return { ref: thing(id), previous, item, ...(changes.length > 0 && { alongside: changes }) }
  }
  const commitBoth = async (commits: readonly (readonly [id: string, commit: Commit])[]) => {
    const answers = await toBoth(async store => (await store.commit(commits.map(([, commit]) => commit))).map(plain))
    commits.forEach(([id, { item }], i) => {
      if (answers[0][i]?.outcome === 'committed' && versions.get(id)?.at(-1)?.['version'] !== item['version'])
        versions.set(id, [...(versions.get(id) ?? []), item])
    })
    return answers
  }

  return async (word: Word): Promise<readonly [unknown, unknown]> => {
    switch (word.say) {
      case 'commit': {
        const { id, commit } = word
        return commitBoth([[id, commitOf(id, commit, commit.alongside.map(changeOf))]])
      }
      case 'commits':
        return commitBoth(word.commits.map(one => [one.id, commitOf(one.id, one)]))
      case 'stock':
        return toBoth(async store => {
          const item = { id: prefix + word.id, version: 1, stock: 3 }
          return (await store.commit([{ ref: thing(word.id), previous: undefined, item }])).map(plain)
        })
      case 'row': {
        const key = { id: prefix + word.id, step: word.step }
        return toBoth(store => store.writeRows([{ ref: { table: 'steps', key }, item: { ...key, at: word.at } }]))
      }
      case 'read':
        return toBoth(store => store.read([...word.ids, ...SHELVES].map(thing)))
      case 'query':
        return toBoth(store => pages(store, queryOf(word, prefix)))
    }
  }
}

/** An answer without what is each adapter's own: an error's words, and the order of conditions that failed. */
function plain(result: CommitResult) {
  if (result.outcome === 'failed' || result.outcome === 'impossible')
    return { outcome: result.outcome, error: result.error.name }
  if (result.outcome === 'committed') return result
  const alongside = result.alongside.toSorted((a, b) => (JSON.stringify(a.ref) < JSON.stringify(b.ref) ? -1 : 1))
  return { ...result, alongside }
}

function queryOf(word: Extract<Word, { say: 'query' }>, prefix: string): Query {
  const { of, which, from, to, descending, limit } = word
  const sorts = { byOwner: 'createdAt', byStatus: 'wakeAt', steps: 'step', events: 'n' }
  const bounds: Record<string, readonly (string | number)[]> = {
    byOwner: ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'],
    byStatus: [-2, 0, 2, 4],
    steps: ['x', 'y', 'z', 'zz'],
    events: [1, 2, 3, 4],
  }
  const partitions: Record<string, readonly [string, readonly string[]]> = {
    byOwner: ['owner', ['olga', 'otto', 'nobody']],
    byStatus: ['wakePartition', ['order#RUNNING#0', 'order#STUCK#0', 'order#COMPLETED#0']],
    steps: ['id', THINGS],
    events: ['id', ['e', 'f', 'g']],
  }
  const [field = '', values = []] = partitions[of] ?? []
  const bound = (i: number | undefined, side: 'from' | 'to') => (i === undefined ? {} : { [side]: bounds[of]?.[i] })
  // DynamoDB refuses bounds that exclude each other.
  const ordered = from !== undefined && to !== undefined && from > to ? { from: to, to: from } : { from, to }
  return {
    table: of === 'steps' || of === 'events' ? of : 'things',
    ...(of.startsWith('by') && { index: of }),
    partition: { field, value: prefix + values[which] },
    ...((from ?? to) !== undefined && {
      sort: { field: sorts[of], ...bound(ordered.from, 'from'), ...bound(ordered.to, 'to') },
    }),
    descending,
    limit,
  }
}

/**
 * All that a query finds, with the sort keys only where two of them may stand in any order. How many pages it takes is not
 * compared: whether a full last page has a next one, which is empty, is each store's own.
 */
async function pages(store: Store, query: Query) {
  const found: Item[] = []
  let after: Key | undefined
  let count = 0
  do {
    const { items, next } = await store.query({ ...query, ...(after && { after }) })
    found.push(...items)
    after = next
    count++
  } while (after && count < 20)
  const sort = { byOwner: 'createdAt', byStatus: 'wakeAt' }[query.index ?? '']
  return {
    order: sort ? found.map(item => item[sort]) : found,
    items: found.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1)),
  }
}

/** Whatever the order of its fields. */
const textOf = (item: Item) => JSON.stringify(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
