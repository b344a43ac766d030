interface Stoppable {
  stop(): Promise<unknown>
}

/** Waits until all are started; what is left out is `undefined`. If one can't be, the others are ended, and its error is thrown. */
export async function together<T extends readonly (Stoppable | undefined)[]>(
  starts: {
    readonly [N in keyof T]: T[N] | Promise<T[N]>
  },
): Promise<{ readonly started: T; stop(): Promise<void> }> {
  const waiting = starts as readonly (Stoppable | undefined | Promise<Stoppable | undefined>)[]
  const settled = await Promise.allSettled(waiting.map(async each => each))
  const stop = async () => {
    await Promise.all(settled.map(async each => (each.status === 'fulfilled' ? each.value?.stop() : undefined)))
  }
  const refused = settled.find(each => each.status === 'rejected')
  if (refused) {
    await stop()
    throw refused.reason
  }
  return { started: settled.map(each => (each.status === 'fulfilled' ? each.value : undefined)) as unknown as T, stop }
}
