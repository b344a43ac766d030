/** The partition that Kafka's own clients choose for a key: murmur2 of its bytes. */
export function partitionOf(key: string | Uint8Array, partitions: number): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key
  return (murmur2(bytes) & 0x7fffffff) % partitions
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const at = (i: number) => bytes[i] ?? 0
  let h = SEED ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const left = length - i
  if (left >= 3) h ^= at(i + 2) << 16
  if (left >= 2) h ^= at(i + 1) << 8
  if (left >= 1) h = Math.imul(h ^ at(i), M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}
