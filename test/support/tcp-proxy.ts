import { createServer, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a proxy treats what goes through it: delays each piece, lets so many bytes a second through, or is cut. */
export interface Line {
  readonly delayMs?: number
  readonly bytesPerSecond?: number
  readonly cut?: boolean
}

export interface TcpProxy {
  readonly port: number
  /** From now on; `{}` is a good line. Cutting ends every connection, and refuses new ones. */
  set(line: Line): void
  close(): Promise<void>
}

/** A line to a server of this machine that can be made bad. */
export async function startTcpProxy(to: number, port = 0): Promise<TcpProxy> {
  let line: Line = {}
  const sockets = new Set<Socket>()
  const end = (socket: Socket) => {
    sockets.delete(socket)
    socket.destroy()
  }
  /** One piece after the other: what waits keeps its order, and holds back its sender. */
  const pass = async (from: Socket, into: Socket) => {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        const { delayMs = 0, bytesPerSecond } = line
        const wait = delayMs + (bytesPerSecond === undefined ? 0 : (1000 * piece.length) / bytesPerSecond)
        if (wait > 0) await sleep(wait)
        if (!into.write(piece)) await new Promise(resolve => into.once('drain', resolve).once('close', resolve))
      }
      into.end()
    } catch {
      // A connection that broke on one side is broken on the other.
      end(into)
    }
  }
  const server = createServer({ allowHalfOpen: true }, incoming => {
    if (line.cut) return void incoming.destroy()
    const outgoing = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => [incoming, outgoing].forEach(end))
      socket.on('close', () => sockets.delete(socket))
    }
    void pass(incoming, outgoing)
    void pass(outgoing, incoming)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    set(next) {
      line = next
      if (line.cut) for (const socket of sockets) end(socket)
    },
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) end(socket)
        server.close(() => resolve())
      }),
  }
}
