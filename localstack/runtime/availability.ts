/** Which servers of this machine are there, for everything that has to wait for them. */
export interface Availability {
  /** A server went away, or is back. */
  lost(server: string): void
  back(server: string): void
  isDown(server: string): boolean
  allUp(): boolean
  /** Resolves when every server is there, or when nobody needs them any more. */
  serversUp(): Promise<void>
  /** Whoever waits need not wait any more: everything is being stopped. */
  release(): void
  released(): boolean
}

export function createAvailability(): Availability {
  const down = new Set<string>()
  let released = false
  let waiting: (() => void)[] = []

  const wakeUp = () => {
    if (down.size > 0 && !released) return
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }
  return {
    lost(server) {
      down.add(server)
    },
    back(server) {
      down.delete(server)
      wakeUp()
    },
    isDown: server => down.has(server),
    allUp: () => down.size === 0,
    serversUp: () => (down.size === 0 || released ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    released: () => released,
    release() {
      released = true
      wakeUp()
    },
  }
}
