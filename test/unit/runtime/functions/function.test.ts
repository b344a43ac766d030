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

  it('goes on with a swapped bundle, while what had begun ends in the old one', async () => {
    const fn = await start()
    const begun = fn.invoke({ waitsMs: 300 })
    await fn.swap(fixture('swapped').folder)
    expect(await fn.invoke({})).toEqual({ from: 'the swapped bundle' })
    expect(await begun).toMatchObject({ seen: 1, functionName: 'patient' })
    expect(await fn.stats()).toMatchObject({ invocations: 2, errors: 0 })
  })

  it('loses no event of a hundred that come while its bundle is swapped again and again', async () => {
    const fn = await start()
    const sent = Array.from({ length: 100 }, async (_, i) => {
      await new Promise(resolve => setTimeout(resolve, i * 10))
      return fn.invoke({ waitsMs: 50 })
    })
    for (let i = 0; i < 5; i += 1) await fn.swap(fixture(i % 2 === 0 ? 'swapped' : 'patient').folder)
    expect(await Promise.all(sent)).toHaveLength(100)
    expect(await fn.stats()).toMatchObject({ invocations: 100, errors: 0 })
  })

  it('keeps the bundle that it has when the other does not load, and says why', async () => {
    const fn = await start()
    await expect(fn.swap(fixture('broken').folder)).rejects.toThrow(/patient: Error: TABLE_ORDERS is not set/)
    expect(await fn.invoke({})).toMatchObject({ seen: 1, functionName: 'patient' })
  })

  it('starts a lost thread on the bundle that was swapped in', async () => {
    const fn = await start()
    await fn.swap(fixture('swapped').folder)
    expect(await failureOf(fn.invoke({ exits: true }))).toBe('ended')
    expect(await fn.invoke({})).toEqual({ from: 'the swapped bundle' })
  })
})
