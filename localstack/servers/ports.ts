import { createServer } from 'node:net'
import { CannotStart } from './tools.ts'

const HOST = '127.0.0.1'
/** A server that was just killed gives its port back within this time. */
const FREE_WITHIN_MS = 2000

/** A port of the loopback interface that nothing listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port: 0, host: HOST }, () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('no address for a listening server'))
      })
    })
  })
}

/** Throws CannotStart, naming the port, if something else listens on it. `setting` is what the user would change: `KAFKA_PORT`. */
export async function requireFree(port: number, title: string, setting: string): Promise<void> {
  const until = Date.now() + FREE_WITHIN_MS
  while (await isTaken(port)) {
    if (Date.now() > until) throw portIsTaken(port, title, setting)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

export const portIsTaken = (port: number, title: string, setting: string) =>
  new CannotStart(`port ${port} is taken, ${title} cannot start: stop what uses it, or set ${setting} to another port`)

/** Whether something listens on this port of the loopback interface. Throws CannotStart if that can't be told. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true)
      else reject(new CannotStart(`port ${port} cannot be listened on: ${error.message}`))
    })
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(false)))
  })
}
