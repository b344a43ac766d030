import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export interface TypeCheck {
  /** Checks what is there now; one that is under way looks at what was there before, and is ended. */
  request(): void
  stop(): void
}

/** Lines of errors that are shown at once. */
const SHOWN = 20

/** `tsc` beside everything else: what it finds is printed and stops nothing. `cache`: a folder that makes the next one faster. */
export function createTypeCheck({
  root,
  cache,
  say,
}: {
  readonly root: string
  readonly cache: string
  readonly say: (line: string) => void
}): TypeCheck {
  let child: ReturnType<typeof spawn> | undefined
  let stopped = false

  function run() {
    mkdirSync(cache, { recursive: true })
    const since = performance.now()
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = [
      '-p',
      root,
      '--pretty',
      'false',
      '--incremental',
      '--tsBuildInfoFile',
      join(cache, 'watch.tsbuildinfo'),
    ]
    const checking = spawn(process.execPath, [tsc, ...options], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    child = checking
    let text = ''
    for (const stream of [checking.stdout, checking.stderr])
      stream.setEncoding('utf8').on('data', (more: string) => void (text += more))
    checking.on('error', error => say(`types: tsc could not be started: ${error.message}`))
    checking.on('close', code => {
      if (stopped || child !== checking) return
      child = undefined
      const seconds = ((performance.now() - since) / 1000).toFixed(1)
      if (code === 0) return say(`types: no errors (${seconds} s)`)
      const lines = text.trimEnd().split('\n')
      const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more lines: npx tsc -p .`] : []
      say([`types: tsc found errors (${seconds} s)`, ...lines.slice(0, SHOWN), ...more].join('\n  '))
    })
  }

  /** TypeScript's own program takes SIGTERM and goes on. */
  const end = () => void child?.kill('SIGKILL')

  return {
    request() {
      end()
      if (!stopped) run()
    },
    stop() {
      stopped = true
      end()
    },
  }
}
