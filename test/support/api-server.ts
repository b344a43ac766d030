import { createServer } from 'node:http'
import type { Hono } from 'hono'
import type { ApiEnv } from '#engine/http/api.ts'
import { lambdaHandler } from '#engine/http/lambda.ts'
import type { ExtraRoute } from '../../localstack/runtime/gateway/gateway.ts'
import { proxyEvent } from './http.ts'

/** An app on a real port of this machine. A token is the user's name and groups as they are: `Bearer olga+operators`. */
export async function serveGateway(
  app: Hono<ApiEnv>,
  extraRoutes: readonly ExtraRoute[] = [],
): Promise<{ url: string; close(): Promise<void> }> {
  const toApp = lambdaHandler(app)
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const raw = Buffer.concat(chunks).toString('utf8')
      const [sub = null, ...groups] = request.headers.authorization?.replace('Bearer ', '').split('+') ?? []
      const { method = 'GET', url = '/' } = request
      const extra = extraRoutes.find(route => route.method === method && route.path === url.split('?', 1)[0])
      if (extra) {
        const { status, ...answer } = await extra.handle({ params: {}, body: raw === '' ? undefined : JSON.parse(raw) })
        response.writeHead(status).end(JSON.stringify('body' in answer ? answer.body : answer))
        return
      }
      const result = await toApp(
        proxyEvent({
          method,
          path: url,
          sub,
          groups: groups.join(','),
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
