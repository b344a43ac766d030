import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LedgerEntry } from './book.ts'
import type { ProviderMode } from './server.ts'

export interface SandboxOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** Kept between starts here, as JSON lines; in memory if left out. */
  readonly ledgerFile?: string
  /** Asked for as `Authorization: Bearer …`; nothing is asked for if left out. */
  readonly token?: string
}

export interface SandboxProvider {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Ends its thread; requests that it holds are cut. */
  stop(): Promise<void>
  setMode(mode: ProviderMode): Promise<void>
  /** The ledger: the present entry of each key, oldest key first. */
  charges(): Promise<LedgerEntry[]>
}

/** Starts the sandbox payment provider in a thread of its own. Throws if the port is taken or the ledger can't be read. */
export async function startSandboxProvider(options: SandboxOptions = {}): Promise<SandboxProvider> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options })
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }]
  return {
    ...sandboxClient(`http://127.0.0.1:${port}`, options.token),
    stop: async () => {
      await worker.terminate()
    },
  }
}

/** Of a provider that runs already. */
export function sandboxClient(url: string, token?: string): Omit<SandboxProvider, 'stop'> {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, { ...init, headers })
    if (!response.ok)
      throw new Error(`the sandbox provider answers ${response.status} to ${path}: ${await response.text()}`)
    return response.json()
  }
  return {
    url,
    setMode: async mode => {
      await ask('/sandbox/provider', { method: 'POST', body: JSON.stringify({ mode }) })
    },
    charges: async () => ((await ask('/sandbox/charges')) as { items: LedgerEntry[] }).items,
  }
}

export type { LedgerEntry, ProviderMode }
