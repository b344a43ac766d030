import { beforeAll, describe, expect, it } from 'vitest'
import { BATCH_OVERHEAD_BYTES, bodyBytesOf, recordBytesMax } from '#engine/adapters/kafka/record-size.ts'
import { TOPIC_BYTES_MAX } from '#engine/delivery/topics.ts'
import { RetryableError } from '#engine/model/errors.ts'
import type { OutgoingRecord, Publisher } from '#engine/model/ports.ts'

/** A record as a reader of the topic sees it. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: { readonly [name: string]: Buffer }
  /** Each one, in order. */
  readonly headerList: readonly (readonly [name: string, value: Buffer | null])[]
}

export interface PublisherUnderTest {
  readonly publisher: Publisher
  /** Makes a topic with three partitions that only one test uses; its name without prefix. */
  newTopic(): Promise<string>
  /** All records of a topic, each partition in its order; waits until there are `count`. */
  read(topic: string, count: number): Promise<ReadRecord[]>
}

const record = (topic: string, key: string, value: string): OutgoingRecord => ({ topic, key, value, headers: {} })
const texts = (records: readonly ReadRecord[]) => records.map(({ value }) => value?.toString())

/** What every publisher must do. `make` is called once. */
export function publisherContract(make: () => Promise<PublisherUnderTest>): void {
  let tested: PublisherUnderTest
  beforeAll(async () => {
    tested = await make()
  })

  describe('publish', () => {
    it('keeps key, value and headers, as text and as bytes', async () => {
      const topic = await tested.newTopic()
      const bytes = Uint8Array.from([0, 255, 1, 128])
      await tested.publisher.publish([
        { topic, key: 'ключ', value: '{"a":"é"}', headers: { ce_id: 'order:o1.1.0', text: 'naïve', bytes } },
        { topic, key: bytes.subarray(1), value: bytes, headers: {} },
        { topic, key: null, value: null, headers: {} },
      ])
      const read = await tested.read(topic, 3)
      const plain = read.map(({ key, value, headers }) => ({ key, value, headers }))
      expect(plain).toHaveLength(3)
      expect(plain).toEqual(
        expect.arrayContaining([
          {
            key: Buffer.from('ключ'),
            value: Buffer.from('{"a":"é"}'),
            headers: { ce_id: Buffer.from('order:o1.1.0'), text: Buffer.from('naïve'), bytes: Buffer.from(bytes) },
          },
          { key: Buffer.from([255, 1, 128]), value: Buffer.from(bytes), headers: {} },
          { key: null, value: null, headers: {} },
        ]),
      )
    })

    it('keeps the headers of a record that is passed on: their order, names that come again, no value, odd names', async () => {
      const topic = await tested.newTopic()
      const kept: readonly (readonly [string, Buffer | null])[] = [
        ['b', Buffer.from('1')],
        ['a', Buffer.from('2')],
        ['b', null],
        ['7', Buffer.from('')],
        ['b', Buffer.from([255])],
        ['__proto__', Buffer.from('3')],
        ['constructor', null],
        ['', Buffer.from('4')],
        ['ключ'.repeat(40), Buffer.alloc(300, 5)],
      ]
      const keptHeaders = kept.map(([name, value]) => ({ name, value }))
      await tested.publisher.publish([
        { topic, key: '', value: '', headers: { a: 'ours', '1': 'too' }, keptHeaders },
        { topic, key: new Uint8Array(), value: 'x'.repeat(70_000), headers: {}, keptHeaders: [] },
      ])
      const [first, second] = await tested.read(topic, 2)
      expect(first?.headerList).toEqual([...kept, ['1', Buffer.from('too')], ['a', Buffer.from('ours')]])
      expect([first?.key, first?.value]).toEqual([Buffer.from(''), Buffer.from('')])
      expect(second?.headerList).toEqual([])
      expect([second?.key, second?.value?.length]).toEqual([Buffer.from(''), 70_000])
    })

    it('keeps the order of a key, within a call and over calls', async () => {
      const topic = await tested.newTopic()
      const keys = ['a', 'b', 'c', 'd']
      for (let call = 0; call < 3; call += 1)
        await tested.publisher.publish(
          Array.from({ length: 20 }, (_, n) => keys.map(key => record(topic, key, `${key}${call * 20 + n}`))).flat(),
        )
      const read = await tested.read(topic, 240)
      for (const key of keys) {
        const ofKey = read.filter(one => one.key?.toString() === key)
        expect(texts(ofKey)).toEqual(Array.from({ length: 60 }, (_, n) => `${key}${n}`))
        expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1)
      }
    })

    it('takes any number of records at once, more than fits one request, and keeps the order of a key', async () => {
      const topic = await tested.newTopic()
      const large = 'x'.repeat(30_000)
      const count = 300
      await tested.publisher.publish(Array.from({ length: count }, (_, n) => record(topic, 'one', `${n} ${large}`)))
      await tested.publisher.publish(Array.from({ length: 2500 }, (_, n) => record(topic, 'one', `${count + n} `)))
      const read = await tested.read(topic, count + 2500)
      expect(texts(read).map(text => Number(text?.split(' ')[0]))).toEqual(
        Array.from({ length: count + 2500 }, (_, n) => n),
      )
    })

    it('takes what just fits its topic, and no more', async () => {
      const topic = await tested.newTopic()
      const rest = BATCH_OVERHEAD_BYTES + recordBytesMax(bodyBytesOf(record(topic, 'a', 'x'.repeat(1_000_000))))
      const fits = record(topic, 'a', 'x'.repeat(1_000_000 + TOPIC_BYTES_MAX - rest))
      await tested.publisher.publish([fits, record(topic, 'a', 'next')])
      const tooLarge = tested.publisher.publish([record(topic, 'a', 'x'.repeat(TOPIC_BYTES_MAX))])
      await expect(tooLarge).rejects.toThrow(RetryableError)
      await expect(tooLarge).rejects.toMatchObject({ code: 'KAFKA_MESSAGE_TOO_LARGE' })
      expect((await tested.read(topic, 2)).map(({ value }) => value?.length)).toEqual([fits.value?.length, 4])
    })

    it('puts a key where Kafka’s Java clients put it', async () => {
      const topic = await tested.newTopic()
      // What kafka-clients 4.3.0 answers to toPositive(murmur2(key)) % 3.
      const known = { '21': 0, foobar: 0, 'a-little-bit-long-string': 2, 'a-little-bit-longer-string': 2, abc: 0 }
      await tested.publisher.publish(Object.keys(known).map(key => record(topic, key, key)))
      const read = await tested.read(topic, 5)
      expect(Object.fromEntries(read.map(({ key, partition }) => [key?.toString(), partition]))).toEqual(known)
    })

    it('counts offsets from 0 in each partition', async () => {
      const topic = await tested.newTopic()
      await tested.publisher.publish(Array.from({ length: 30 }, (_, n) => record(topic, `k${n}`, `${n}`)))
      const read = await tested.read(topic, 30)
      for (const partition of [0, 1, 2]) {
        const offsets = read.filter(one => one.partition === partition).map(({ offset }) => offset)
        expect(offsets).toEqual(offsets.map((_, n) => n))
      }
    })

    it('publishes to many topics in one call', async () => {
      const topics = [await tested.newTopic(), await tested.newTopic()]
      await tested.publisher.publish(topics.flatMap(topic => [record(topic, 'a', '1'), record(topic, 'a', '2')]))
      for (const topic of topics) expect(texts(await tested.read(topic, 2))).toEqual(['1', '2'])
    })

    it('does nothing for nothing', async () => {
      await expect(tested.publisher.publish([])).resolves.toBeUndefined()
    })

    it('throws a RetryableError for a topic that is not there', async () => {
      const failed = tested.publisher.publish([record('no-such-topic', 'a', '1')])
      await expect(failed).rejects.toThrow(RetryableError)
      await expect(failed).rejects.toMatchObject({ code: 'KAFKA_UNKNOWN_TOPIC_OR_PARTITION' })
    })
  })
}
