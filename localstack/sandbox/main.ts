/** The sandbox provider as a program of its own, for a container: `HOST` and `PORT` say where it listens. Its ledger is in memory. */
import { createBook } from './book.ts'
import { serveProvider } from './server.ts'

const { HOST: host = '127.0.0.1', PORT: port = '8080' } = process.env
const server = await serveProvider(createBook(), { host, port: Number(port) })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0))
process.stdout.write(`the sandbox payment provider listens on ${host}:${server.port}\n`)
