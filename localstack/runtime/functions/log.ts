import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { oneLine } from '../../../client/terminal-text.ts'
import { ownFrame } from './own-frame.ts'

/** Gets each line that a function prints, on its standard output or its standard error. */
export type FunctionLog = (functionName: string, stream: 'out' | 'err', line: string) => void

export interface LogFile {
  readonly write: FunctionLog
  close(): Promise<void>
}

/** Lines shown in one second; more are only in the file. */
const SHOWN_A_SECOND = 10
const SHOWN_CHARACTERS = 300

/** Everything that functions print goes to a file, `<function> <line>`; warnings and errors are shown to the user too. */
export function openFunctionLog(file: string, show: (line: string) => void): LogFile {
  mkdirSync(dirname(file), { recursive: true })
  const out = createWriteStream(file, { flags: 'a' })
  out.on('error', error => show(`functions' log ${file}: ${error.message}`))
  let second = 0
  let shown = 0
  const showBounded = (line: string) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      second = now
      shown = 0
    }
    shown += 1
    if (shown <= SHOWN_A_SECOND) show(line)
    else if (shown === SHOWN_A_SECOND + 1) show(`more in ${file} …`)
  }
  return {
    write(functionName, stream, line) {
      out.write(`${functionName} ${line}\n`)
      const worth = worthShowing(stream, line)
      if (worth !== undefined) showBounded(oneLine(`${functionName}: ${worth}`.slice(0, SHOWN_CHARACTERS)))
    },
    close: () => new Promise(resolve => out.end(() => resolve())),
  }
}

/** What of a line a user should see; undefined for the everyday. A line of JSON has a level, others go by their stream. */
export function worthShowing(stream: 'out' | 'err', line: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return stream === 'err' ? line : undefined
  }
  if (parsed === null || typeof parsed !== 'object') return stream === 'err' ? line : undefined
  const { level, message, time: _time, service: _service, ...fields } = parsed as Record<string, unknown>
  if (level !== 'warn' && level !== 'error') return undefined
  const details = Object.entries(fields).map(([name, value]) => `${name}=${brief(value)}`)
  return [level, brief(message), ...details].join(' ')
}

/** An error is its message, and where in the user's code it was thrown: its stack is in the file. */
function brief(value: unknown): string {
  if (typeof value === 'string') return value
  if (value !== null && typeof value === 'object' && 'message' in value) {
    const frame = 'stack' in value && typeof value.stack === 'string' ? ownFrame(value.stack) : undefined
    return frame === undefined ? brief(value.message) : `${brief(value.message)} (at ${frame})`
  }
  return JSON.stringify(value) ?? 'undefined'
}
