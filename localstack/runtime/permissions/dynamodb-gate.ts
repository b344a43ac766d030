import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Permission } from '../template/permissions.ts'
import { ACCOUNT } from '../template/resource-types.ts'
import { actionsOf } from './dynamodb-actions.ts'
import type { Ledger } from './uses.ts'

/** DynamoDB with IAM in front of it. */
export interface Gate {
  /** `http://127.0.0.1:…` */
  readonly url: string
  stop(): Promise<void>
}

interface GatePorts {
  /** Of the database itself. */
  readonly endpoint: string
  readonly ledger: Ledger
  readonly show: (line: string) => void
}

/**
 * Passes on what the policies of who asks allow, and answers everything else as AWS does. Who asks is the access key of
 * the signature, which is a function's name here; signatures are not checked, by the database neither.
 */
export async function startGate({ endpoint, ledger, show }: GatePorts): Promise<Gate> {
  const agent = new Agent({ keepAlive: true })
  const to = new URL(endpoint)

  async function answer(asked: IncomingMessage, response: ServerResponse) {
    const body = await buffer(asked)
    const functionName = asked.headers.authorization?.match(/Credential=([^/]+)\//)?.[1] ?? ''
    const denied = deniedOf(functionName, String(asked.headers['x-amz-target']), body)
    if (denied) return refuse(response, functionName, denied)
    await pass(asked, body, response)
  }

  function deniedOf(functionName: string, target: string, body: Buffer): Permission | undefined {
    try {
      const needed = actionsOf(target, JSON.parse(body.toString('utf8')) as Record<string, unknown>)
      // Each is told, also after one was denied.
      return needed.filter(one => !ledger.use(functionName, one))[0]
    } catch (error) {
      show(`${functionName}: ${error instanceof Error ? error.message : String(error)}`)
      const unknown = { action: `dynamodb:${target.split('.')[1] ?? target}`, resource: '*' }
      ledger.use(functionName, unknown, true)
      return unknown
    }
  }

  const pass = (asked: IncomingMessage, body: Buffer, response: ServerResponse) =>
    new Promise<void>((resolve, reject) => {
      const onward = request(
        { agent, host: to.hostname, port: to.port, method: asked.method, path: asked.url, headers: asked.headers },
        answered => {
          response.writeHead(answered.statusCode ?? 502, answered.headers)
          answered.pipe(response)
          answered.on('end', resolve).on('error', reject)
        },
      )
      // DynamoDB Local takes an access key of letters and digits only.
      onward.setHeader('authorization', String(asked.headers.authorization).replace(/(?<=Credential=)[^/]+/, 'local'))
      onward.on('error', reject)
      onward.end(body)
    })

  // The database is away: so is this, and the SDK tries again.
  const server = createServer((asked, response) => void answer(asked, response).catch(() => response.destroy()))
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = new Promise(resolve => {
        server.close(resolve)
      })
      server.closeAllConnections()
      agent.destroy()
      await closed
    },
  }
}

function refuse(response: ServerResponse, functionName: string, { action, resource }: Permission) {
  const user = `arn:aws:sts::${ACCOUNT}:assumed-role/${functionName}/${functionName}`
  const why = `because no identity-based policy allows the ${action} action`
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(
    JSON.stringify({
      __type: 'com.amazon.coral.service#AccessDeniedException',
      Message: `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    }),
  )
}
