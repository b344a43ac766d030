/**
 * One start at a time on a folder of state. Two brokers on one folder write into each other's metadata before Kafka's own
 * lock stops the second, so this lock is taken before anything in the folder is touched.
 *
 * It is a transaction of SQLite's that never ends, on a file with nothing in it: an exclusive lock of the operating
 * system's, which goes with this process however it ends. So none is ever stale, no number of a process is trusted, and of
 * two at the same moment one gets it. The servers that this process starts do not inherit it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CannotStart } from './servers/index.ts'

const LOCK = 'start.lock'
/** Who holds it, for people alone. */
const HOLDER = 'start.json'
/** Milliseconds: two that come at the same moment stand in each other's way until one has it. */
const WAIT_MS = 1000
const SQLITE_BUSY = 5

/** Kept for as long as this process lives: a database that is collected is closed, and its lock gone. */
const held: DatabaseSync[] = []

/** Makes the folder if it is not there. Throws CannotStart, in one line, if another start is on it. */
export function lockState(folder: string): void {
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true })
    lock = new DatabaseSync(join(folder, LOCK), { timeout: WAIT_MS })
    lock.exec('BEGIN EXCLUSIVE')
    writeFileSync(join(folder, HOLDER), `${JSON.stringify({ pid: process.pid, since: new Date() })}\n`)
    held.push(lock)
  } catch (error) {
    lock?.close()
    throw refusal(folder, error)
  }
}

function refusal(folder: string, error: unknown): CannotStart {
  if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)
    return new CannotStart(
      `STATE_DIR ${folder} is in use by another start${holderOf(folder)}: end that one, or set STATE_DIR to another folder`,
    )
  const why = error instanceof Error ? error.message : String(error)
  return new CannotStart(`STATE_DIR ${folder} cannot be used (${why}): set STATE_DIR to a folder that can be written`, {
    cause: error,
  })
}

/** Nothing if it has not come to write it yet. */
function holderOf(folder: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(join(folder, HOLDER), 'utf8')) as { pid: number; since: string }
    return ` (process ${pid}, since ${since})`
  } catch {
    return ''
  }
}
