import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'

/** Stands in for Secrets Manager's GetSecretValue on this machine. */
export interface SecretsManager {
  readonly endpoint: string
  /** What the secrets hold, by ARN; one that is not here does not exist. */
  readonly secrets: Map<string, string>
  /** ARNs whose reading is refused. */
  readonly refused: Set<string>
  /** The ARNs that were asked for, in order. */
  readonly asked: string[]
  stop(): Promise<void>
}

export async function startSecretsManager(): Promise<SecretsManager> {
  const secrets = new Map<string, string>()
  const refused = new Set<string>()
  const asked: string[] = []
  const answerOf = (arn: string, { headers }: IncomingMessage): readonly [status: number, body: object] => {
    const SecretString = secrets.get(arn)
    if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
      return [400, { __type: 'UnknownOperationException' }]
    if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
      return [400, { __type: 'MissingAuthenticationTokenException', message: 'not signed' }]
    if (refused.has(arn))
      return [400, { __type: 'AccessDeniedException', Message: 'User is not authorized to perform this action' }]
    if (SecretString === undefined)
      return [400, { __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find the specified secret." }]
    return [200, { ARN: arn, Name: 'kafka', VersionId: '1', SecretString, CreatedDate: 1.7e9 }]
  }
  const server = createServer((request, response) => {
    void json(request).then(body => {
      const { SecretId: arn } = body as { SecretId: string }
      asked.push(arn)
      const [status, answer] = answerOf(arn, request)
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    secrets,
    refused,
    asked,
    async stop() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
