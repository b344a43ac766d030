import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { FunctionError, type LocalFunction, startFunction } from '../../../../localstack/runtime/functions/function.ts'

const fixture = (name: string) => ({
  name,
  arn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
  folder: join(import.meta.dirname, '..', 'fixtures', name),
  handler: 'index.handler',
  environment: { COLOUR: 'red' },
  timeoutSeconds: 5,
  memoryMegabytes: 512,
})
const lines: string[] = []
let running: LocalFunction | undefined
const start = async (environment = {}) =>
  (running = await startFunction(fixture('patient'), environment, (name, stream, line) =>
    lines.push(`${name} ${stream} ${line}`),
  ))
const failureOf = (invocation: Promise<unknown>) =>
  invocation.then(
    () => 'no failure',
    (error: unknown) => (error instanceof FunctionError ? error.kind : error),
  )

afterEach(async () => {
  await running?.stop()
  running = undefined
})

describe('a function in its thread', () => {
  it('answers with what its handler returns, as JSON would carry it', async () => {
    const answer = await (await start()).invoke({}, { requestId: 'r-1' })
    expect(answer).toMatchObject({ seen: 1, requestId: 'r-1', functionName: 'patient' })
    expect(answer).not.toHaveProperty('nothing')
    expect((answer as { remainingMs: number }).remainingMs).toBeGreaterThan(4000)
  })

  it('has an environment of its own: the template, what Lambda sets, the overrides, and nothing of this machine', async () => {
    const { environment } = (await (await start({ COLOUR: 'blue' })).invoke({})) as { environment: object }
    expect(environment).toEqual({ colour: 'blue', name: 'patient' })
  })

  it('takes many events at once', async () => {
    const fn = await start()
    const from = performance.now()
    await Promise.all(Array.from({ length: 20 }, () => fn.invoke({ waitsMs: 100 })))
    expect(performance.now() - from).toBeLessThan(1000)
  })

  it('fails with what the handler throws', async () => {
    await expect((await start()).invoke({ throws: 'no such order' })).rejects.toMatchObject({
      kind: 'error',
      failure: { errorType: 'TypeError', errorMessage: 'no such order' },
    })
  })

  it('ends a thread that does not answer in time: it fails, what shared the thread fails, the next event finds a new one', async () => {
    const fn = await start()
    const neighbour = failureOf(fn.invoke({ waitsMs: 4000 }))
    expect(await failureOf(fn.invoke({ spins: true }, { timeoutMs: 300 }))).toBe('timeout')
    expect(await neighbour).toBe('ended')
    expect(await fn.invoke({})).toMatchObject({ seen: 1 })
    expect(await fn.stats()).toMatchObject({ invocations: 3, errors: 2, timeouts: 1 })
  })

  it('replaces a thread that ends by itself', async () => {
    const fn = await start()
    expect(await failureOf(fn.invoke({ exits: true }))).toBe('ended')
    expect(await fn.invoke({})).toMatchObject({ seen: 1 })
  })

  it('does not start when its bundle does not load, and says why', async () => {
    await expect(startFunction(fixture('broken'), {}, () => {})).rejects.toThrow(
      /broken: Error: TABLE_ORDERS is not set/,
    )
  })

  it('hands on what the handler prints, and counts its CPU time', async () => {
    const fn = await start()
    await fn.invoke({ prints: 'hello' })
    await expect.poll(() => lines).toContain('patient out hello')
    const { cpuMs, initMs } = await fn.stats()
    expect(cpuMs).toBeGreaterThan(0)
    expect(initMs).toBeGreaterThan(0)
  })
})
