/** The ports of one invocation: each read, write, call and publish is a step of the scheduler, and may go wrong. */
import { RetryableError } from '#engine/model/errors.ts'
import type { Caller } from '#engine/delivery/consumer-settings.ts'
import type { Commit, CommitResult, OutgoingRecord, Publisher, Ref, Store } from '#engine/model/ports.ts'
import type { Broker } from './broker.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Invocation, Scheduler } from './scheduler.ts'

export interface Ports {
  readonly store: Store
  readonly publisher: Publisher
  readonly call: (caller: Caller, name: string) => Caller
}

const refused = (code: string) => new RetryableError(code.toLowerCase(), { code })
const nameOfRef = ({ table, key }: Ref) => `${table} ${Object.values(key).join('/')}`
const statusOf = ({ item }: Commit) => (typeof item['status'] === 'string' ? ` ${item['status']}` : '')

export function createPorts(world: {
  store: Store
  broker: Broker
  scheduler: Scheduler
  faults: Faults
  order: Random
  /** Hears of each commit as soon as it is written. */
  committed: (commit: Commit) => void
}) {
  const { store, broker, scheduler, faults, order } = world

  return (invocation: Invocation): Ports => {
    const at = <T>(name: string, act: (place: string) => Promise<T>, reported?: () => string) =>
      scheduler.step(invocation, name, () => act(`${invocation.actor}: ${name}`), reported)
    const mayFail = (kind: 'throttle' | 'away' | 'lost answer', place: string, code: string) => {
      if (faults.at(kind, place) !== undefined) throw refused(code)
    }
    return {
      store: {
        async read(refs, only) {
          // Each item as it is when its turn comes: a batch of reads is no snapshot.
          const half = order.below(refs.length + 1)
          const parts = [refs.slice(0, half), refs.slice(half)].filter(part => part.length > 0)
          const read = (part: readonly Ref[]) =>
            at(`read ${part[0] ? nameOfRef(part[0]) : ''}${part.length > 1 ? ' and others' : ''}`, async place => {
              mayFail('throttle', place, 'THROTTLED')
              return store.read(part, only)
            })
          return (await Promise.all(parts.map(read))).flat()
        },
        query: query =>
          at(`query ${query.table} ${query.partition.value}`, async place => {
            mayFail('throttle', place, 'THROTTLED')
            return store.query(query)
          }),
        async writeRows(rows) {
          // Rows are written one by one: a crash may come between any two.
          for (const row of rows)
            await at(`write row ${nameOfRef(row.ref)}`, async place => {
              mayFail('throttle', place, 'THROTTLED')
              await store.writeRows([row])
              mayFail('lost answer', place, 'THROTTLED')
            })
        },
        async commit(commits) {
          return Promise.all(
            commits.map(commit => {
              let outcome = ''
              const name = `commit ${nameOfRef(commit.ref)} v${String(commit.item['version'])}`
              const write = async (place: string): Promise<CommitResult> => {
                const conflict = commit.alongside && faults.at('conflict', place) !== undefined
                if (conflict || faults.at('throttle', place) !== undefined) {
                  const error = refused(conflict ? 'TRANSACTION_CONFLICT' : 'THROTTLED')
                  outcome = `fails: ${error.message}`
                  return { outcome: 'failed', error }
                }
                const [before] = await store.read([commit.ref])
                const [result] = (await store.commit([commit])) as [CommitResult]
                outcome = result.outcome
                if (result.outcome !== 'committed') return result
                // A zombie's, word for word: it was made before, and is nothing new.
                if (before && before['version'] === commit.item['version']) outcome = 'made before, word for word'
                else world.committed(commit)
                // The write happened, and its answer was lost: the shell must find out by itself.
                if (faults.at('lost answer', place) === undefined) return result
                outcome = 'committed, and its answer is lost'
                return { outcome: 'failed', error: refused('THROTTLED') }
              }
              return at(name, write, () => `${name}${statusOf(commit)}: ${outcome}`)
            }),
          )
        },
      },
      publisher: {
        async publish(records) {
          // Partitions are written apart from each other: a crash may leave some of the records out.
          const groups = Map.groupBy(records, record => `${record.topic} ${String(record.key)}`)
          await Promise.all(
            [...groups].map(([to, group]) =>
              at(
                `publish to ${to}`,
                async place => {
                  mayFail('away', place, 'AWAY')
                  broker.publish(group)
                  mayFail('lost answer', place, 'AWAY')
                },
                () =>
                  `publishes ${group.map(record => `${text(record, 'ce_type')} ${text(record, 'ce_id')}`).join(', ')}`,
              ),
            ),
          )
        },
      },
      call: (caller, name) => request =>
        at(`call ${name} ${String((request as { key?: unknown }).key ?? '')}`, async place => {
          mayFail('away', place, 'AWAY')
          const answer = await caller(request)
          const lost = faults.at('lost answer', place)
          if (lost === undefined) return answer
          // A charge that nobody answers is looked up, and then unknown; other calls are made again.
          if (name === 'charge' && lost < 0.5) return { outcome: 'unknown' }
          throw refused('AWAY')
        }),
    }
  }
}

const text = ({ headers }: OutgoingRecord, name: string) => String(headers[name] ?? '')
