import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'
import type { LedgerEntry } from './book.ts'

/**
 * The ledger on disk: one JSON document a line, only ever appended to. A line is written by one system call before its
 * answer is given, so a killed process loses nothing that it has told anyone. A last line without its end (the disk was
 * full) was never answered for: it is cut off.
 */
export function openLedgerFile(path: string): { earlier: LedgerEntry[]; record(entry: LedgerEntry): void } {
  mkdirSync(dirname(path), { recursive: true })
  return {
    earlier: existsSync(path) ? readLines(path).map(line => JSON.parse(line) as LedgerEntry) : [],
    record: entry => appendFileSync(path, `${JSON.stringify(entry)}\n`),
  }
}

function readLines(path: string): string[] {
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf('\n') + 1
  if (end < bytes.length) truncateSync(path, end)
  return bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean)
}
