import { createServer } from 'node:http'
import type { Hono } from 'hono'
import type { ApiEnv } from '#shared/http/api.ts'
import { lambdaHandler } from '#shared/http/lambda.ts'
import { proxyEvent } from './http.ts'

/** An app on a real port of this machine. It takes the token's text for the user's name: `Bearer alice`. */
export async function serveApp(app: Hono<ApiEnv>): Promise<{ url: string; close(): Promise<void> }> {
  const handler = lambdaHandler(app)
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const raw = Buffer.concat(chunks).toString('utf8')
      const sub = request.headers.authorization?.replace('Bearer ', '') ?? null
      const result = await handler(
        proxyEvent({
          method: request.method ?? 'GET',
          path: request.url ?? '/',
          sub,
          headers: request.headers as Record<string, string>,
          ...(raw === '' ? {} : { raw }),
        }),
      )
      response.writeHead(result.statusCode, result.headers).end(result.body)
    })()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}
