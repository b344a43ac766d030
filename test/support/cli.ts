import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { root } from './system.ts'

const run = promisify(execFile)

/** The command line of a system, as an operator types it. Rejects with `code` and `stderr` when it ends with another code than 0. */
export const cliOf = (url: string, ...args: readonly string[]) =>
  run(process.execPath, ['bin/cli/cli.ts', '--url', url, ...args], { cwd: root })
