import { createServer } from 'node:http'
import { expect, onTestFinished } from 'vitest'
import { buildCli } from '../../bin/cli/program.ts'

/** A command against a stage: what is asked for, in order. */
export async function askedBy(args: readonly string[], { slash = '', env = {} } = {}) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?', 1)[0]}`)
    const page = {
      items: [],
      history: [],
      timeline: [],
      headers: {},
      decisions: [],
      warnings: [],
      passedOver: [],
      redriven: 0,
      left: 0,
    }
    request.resume().on('end', () => response.end(JSON.stringify({ ...page, error: '', value: '' })))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/v1${slash}`
  const err: string[] = []
  const run = buildCli({ env: { RECOURSE_TOKEN: 't', ...env }, out: () => {}, err: text => void err.push(text) })
  expect([await run(['--url', url, ...args]), err]).toEqual([0, []])
  return asked
}
