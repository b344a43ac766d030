import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod'

/** How far a stream is read: kept beside the data, so that a restart goes on where it was. */
export interface Positions {
  /** The last record of a shard that is handled; undefined if none is. */
  after(shardId: string): string | undefined
  /** Whether everything of a closed shard is handled. */
  finished(shardId: string): boolean
  handled(shardId: string, sequenceNumber: string): void
  finish(shardId: string): void
}

const File = z.object({
  streamArn: z.string(),
  after: z.record(z.string(), z.string()),
  finished: z.array(z.string()),
})

/** Positions of another stream (the table was made anew) are forgotten. Each change is written at once, whole or not at all. */
export function openPositions(file: string, streamArn: string): Positions {
  const kept = read(file)
  const after = new Map(kept?.streamArn === streamArn ? Object.entries(kept.after) : [])
  const finished = new Set(kept?.streamArn === streamArn ? kept.finished : [])

  const write = () => {
    mkdirSync(dirname(file), { recursive: true })
    const part = `${file}.part`
    writeFileSync(part, JSON.stringify({ streamArn, after: Object.fromEntries(after), finished: [...finished] }))
    renameSync(part, file)
  }
  return {
    after: shardId => after.get(shardId),
    finished: shardId => finished.has(shardId),
    handled(shardId, sequenceNumber) {
      if (after.get(shardId) === sequenceNumber) return
      after.set(shardId, sequenceNumber)
      write()
    },
    finish(shardId) {
      finished.add(shardId)
      after.delete(shardId)
      write()
    },
  }
}

function read(file: string) {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return File.parse(JSON.parse(text))
}
