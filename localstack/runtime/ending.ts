/** What ends a program of this machine from outside: a signal, or the end of whoever started it. */

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const
const SAME_SIGNAL_MS = 1000
const LOOK_EVERY_MS = 500

/**
 * `first`: it is to end, in order. `again`: it was told before, and is to end at once. A program that was started by the
 * bootstrap (`RECOURSE_PARENT`) is told by a SIGTERM of its own when that is gone, though it was killed without a word.
 */
export function whenToldToEnd(
  first: (signal: NodeJS.Signals, code: number) => void,
  again: (code: number) => void,
): void {
  let toldAt: number | undefined
  for (const [signal, code] of signals)
    process.on(signal, () => {
      // A signal to the whole group comes twice: from its sender, and passed on by the bootstrap.
      if (toldAt !== undefined && performance.now() - toldAt < SAME_SIGNAL_MS) return
      if (toldAt !== undefined) return again(code)
      toldAt = performance.now()
      first(signal, code)
    })
  const parent = process.env['RECOURSE_PARENT'] === String(process.ppid) ? process.ppid : undefined
  if (parent === undefined) return
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, LOOK_EVERY_MS).unref()
}
