/** Whoever asked has hung up: nobody waits for an answer. */
export class HungUp extends Error {
  override readonly name = 'HungUp'
}

export interface Turn {
  /** Aborted when whoever asked has hung up: it leaves the line, or gives its place up. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds after which its place is another's, while it goes on; as long as it takes unless given. */
  readonly holdMs?: number | undefined
}

/** Runs at most `count` of what it is given at once; the rest wait in line. Throws HungUp for what is not wanted any more. */
export function createSemaphore(count: number) {
  let free = count
  const line: (() => void)[] = []

  return async <T>(work: () => Promise<T>, { signal, holdMs }: Turn = {}): Promise<T> => {
    await place(signal)
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      const next = line.shift()
      if (next) next()
      else free += 1
    }
    const timer = holdMs === undefined ? undefined : setTimeout(release, holdMs)
    signal?.addEventListener('abort', release, { once: true })
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', release)
      release()
    }
  }

  async function place(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw new HungUp('it is not wanted any more')
    if (free > 0) return void (free -= 1)
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        line.splice(line.indexOf(begin), 1)
        reject(new HungUp('it is not wanted any more'))
      }
      line.push(begin)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }
}
