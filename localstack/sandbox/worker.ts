/** The sandbox provider's thread: serves until it is terminated, and tells its port once it listens. */
import { parentPort, workerData } from 'node:worker_threads'
import { createBook } from './book.ts'
import { openLedgerFile } from './ledger-file.ts'
import type { SandboxOptions } from './provider.ts'
import { serveProvider } from './server.ts'

const { port, ledgerFile, token } = workerData as SandboxOptions
const ledger = ledgerFile ? openLedgerFile(ledgerFile) : undefined
const server = await serveProvider(
  createBook(ledger?.earlier, entry => ledger?.record(entry)),
  {
    ...(port === undefined ? {} : { port }),
    ...(token === undefined ? {} : { token }),
  },
)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin, windows do
parentPort?.postMessage({ port: server.port })
