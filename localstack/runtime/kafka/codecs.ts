/**
 * Batches as any client compresses them: kafkajs knows gzip alone, and one batch that it can't read ends its consumer.
 * Import it before a client is made; it does its work once.
 */
import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import snappy from 'snappy'

// Node does not see these two among the names that kafkajs exports.
const { CompressionCodecs, CompressionTypes } = kafkajs

interface Codec {
  compress(records: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

/** Of the blocks that Java's clients write: this, two versions, then each block with its length before it. */
const BLOCKS = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const BLOCKS_HEADER_BYTES = 16

const codecs = {
  [CompressionTypes.Snappy]: {
    compress: async ({ buffer }) => snappy.compress(buffer),
    decompress: async bytes => (bytes.subarray(0, BLOCKS.length).equals(BLOCKS) ? blocks(bytes) : snappyBlock(bytes)),
  },
  [CompressionTypes.LZ4]: {
    compress: async ({ buffer }) => compressFrame(buffer),
    decompress: async bytes => decompressFrame(bytes),
  },
  [CompressionTypes.ZSTD]: {
    compress: async ({ buffer }) => promisify(zstdCompress)(buffer),
    decompress: async bytes => promisify(zstdDecompress)(bytes),
  },
} satisfies Readonly<Record<number, Codec>>
CompressionCodecs[CompressionTypes.Snappy] = () => codecs[CompressionTypes.Snappy]
CompressionCodecs[CompressionTypes.LZ4] = () => codecs[CompressionTypes.LZ4]
CompressionCodecs[CompressionTypes.ZSTD] = () => codecs[CompressionTypes.ZSTD]

const snappyBlock = async (bytes: Buffer) => Buffer.from(await snappy.uncompress(bytes, { asBuffer: true }))

async function blocks(bytes: Buffer): Promise<Buffer> {
  const found: Buffer[] = []
  for (let at = BLOCKS_HEADER_BYTES; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at)
    found.push(await snappyBlock(bytes.subarray(at + 4, end)))
    at = end
  }
  return Buffer.concat(found)
}
