import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { HttpClient } from '../support/http-client.ts'
import { freePorts, launch, type LaunchOptions, nothingLeft, type System } from '../support/system.ts'
import { until } from '../support/until.ts'

/** `npm start` as its user meets it: what it prints, how it ends, and what it leaves behind. */
const launched: System[] = []
const start = async (options?: LaunchOptions) => {
  const system = await launch(options)
  launched.push(system)
  return system
}
afterEach(async () => {
  await Promise.all(launched.splice(0).map(system => system.destroy()))
})

/** It must refuse in time, without having started anything that stays. */
const REFUSE_WITHIN_MS = 40_000

describe('npm start -- --once', () => {
  test('places orders down every path, prints their timelines, exits 0 and leaves nothing; a second start names the taken port', async () => {
    const system = await start({ args: ['--once'] })
    expect(await system.ready()).toMatch(new RegExp(`^ready http://127\\.0\\.0\\.1:${system.ports.PORT}\\b`))
    expect((await new HttpClient(system.url).get('/health')).status).toBe(200)

    const second = await start({ ports: system.ports })
    expect(await second.ended(REFUSE_WITHIN_MS)).toBe(1)
    expect(second.stderr()).toMatch(new RegExp(`port ${system.ports.PORT} is taken.*set PORT to`))
    expect(second.stdout()).not.toContain('ready')

    expect(await system.ended(120_000)).toBe(0)
    expect(await system.leftovers()).toEqual(nothingLeft)
    const timelines = blocksOf(system.stdout())
    expect(timelines.map(({ ended }) => ended).sort()).toEqual([
      'APPROVED',
      'APPROVED',
      'APPROVED',
      'COMPLETED',
      'REJECTED',
      'REJECTED',
      'REJECTED (CARD_DECLINED)',
      'REJECTED (MIXED_CURRENCY)',
      'REJECTED (OUT_OF_STOCK)',
      'REJECTED (UNKNOWN_PRODUCT)',
    ])
    const [quotes, orders] = [true, false].map(ofQuote =>
      timelines.filter(({ messages }) => messages[0]?.startsWith('QuoteApproved ') === ofQuote),
    ) as [typeof timelines, typeof timelines]
    expect(quotes).toHaveLength(3)
    for (const { messages } of quotes) expect(messages[0]).toMatch(/^QuoteApproved +saga-events +\d+ +\d+ +2$/)
    for (const { ended, messages } of orders) {
      expect(messages[0]).toMatch(/^OrderCreatedEvent +orders-events +\d+ +\d+ +1$/)
      // A message may come twice, where another of its partition had to be delivered again; another kind may not.
      const kinds = [...new Set(messages.map(line => line.split(' ')[0]))]
      expect(kinds).toContain(ended === 'APPROVED' ? 'OrderApprovedEvent' : 'OrderRejectedEvent')
      if (ended === 'APPROVED') expect(kinds).toHaveLength(7)
    }
    expect(system.stdout()).toContain('tok_timeout')
    expect(system.stdout()).toContain('tok_unavailable')
  })
})

/** What is printed of each order: how it ended, and the lines of its messages. */
function blocksOf(printed: string): { ended: string; messages: string[] }[] {
  return printed
    .split(/\n(?=\d+\/\d+ )/)
    .filter(block => /^\d+\/\d+ /.test(block))
    .map(block => ({
      ended: /ended ([A-Z]+(?: \([A-Z_]+\))?)/.exec(block)?.[1] ?? 'not at all',
      messages: block
        .split('\n')
        .map(line => line.trim())
        .filter(line => /^\w+ +[\w-]+ +\d+ +\d+ +\d+$/.test(line)),
    }))
}

describe('npm start refuses', () => {
  test('a STATE_DIR that another start is on, before it touches it, and takes it when that was killed', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'recourse-e2e-shared-'))
    const env = { STATE_DIR: stateDir }
    try {
      const first = await start({ env })
      await first.ready()
      const files = async () =>
        (await readdir(join(stateDir, 'cdk.out'))).concat(
          await readFile(join(stateDir, 'kafka/server.properties'), 'utf8'),
        )
      const before = await files()
      // With its own ports there is nothing else that would stop them.
      const [again, once, standIn] = await Promise.all([
        start({ env }),
        start({ env, args: ['--once'] }),
        start({ env, script: 'localstack/docker/local-docker.ts', args: ['--stand-in'] }),
      ])
      const pid = await first.runtimePid()
      for (const second of [again, once, standIn]) {
        expect(await second.ended(REFUSE_WITHIN_MS)).toBe(1)
        const lines = second.stderr().trim().split('\n')
        expect(lines).toEqual([
          expect.stringMatching(
            new RegExp(
              `^recourse: STATE_DIR ${stateDir} is in use by another start \\(process ${pid}, since .*\\): end that one, or set STATE_DIR to another folder$`,
            ),
          ) as string,
        ])
      }
      expect(await files()).toEqual(before)
      expect((await new HttpClient(first.url).get('/health')).status).toBe(200)

      process.kill(pid, 'SIGKILL')
      await first.ended(10_000)
      const next = await start({ env })
      await next.ready()
      expect((await next.stop()).code).toBe(0)
    } finally {
      await Promise.all(launched.splice(0).map(system => system.destroy()))
      await rm(stateDir, { recursive: true, force: true })
    }
  })

  test('a taken port of Kafka or of DynamoDB, with the port and the variable that changes it', async () => {
    const holder = createServer()
    await new Promise<void>(resolve => holder.listen(0, '127.0.0.1', resolve))
    const taken = (holder.address() as AddressInfo).port
    try {
      for (const name of ['KAFKA_PORT', 'DYNAMODB_PORT'] as const) {
        const system = await start({ ports: { ...(await freePorts()), [name]: taken } })
        expect(await system.ended(REFUSE_WITHIN_MS)).toBe(1)
        expect(system.stderr()).toMatch(new RegExp(`port ${taken} is taken.*set ${name} to`))
        expect(await system.leftovers([taken])).toEqual(nothingLeft)
      }
    } finally {
      await new Promise(resolve => holder.close(resolve))
    }
  })

  test('variables that are wrong, each by its name, and an argument that it does not know', async () => {
    const wrong = { PORT: 'abc', KAFKA_PORT: '70000', SWEEP_SECONDS: '-1', QUOTING: 'nonsense' }
    const [variables, argument] = await Promise.all([start({ env: wrong }), start({ args: ['--ones'] })])
    expect(await variables.ended(REFUSE_WITHIN_MS)).toBe(1)
    for (const [name, value] of Object.entries(wrong))
      expect(variables.stderr()).toMatch(new RegExp(`\\b${name}\\b[^;]*"${value}"`))
    expect(await argument.ended(REFUSE_WITHIN_MS)).toBe(1)
    expect(argument.stderr()).toContain('--ones')
    expect([await variables.leftovers(), await argument.leftovers()]).toEqual([nothingLeft, nothingLeft])
  })
})

describe('a start that is interrupted', () => {
  test.each([
    { title: 'by SIGTERM', signal: 'SIGTERM', byNpm: false },
    { title: 'by SIGTERM to npm, whose shell passes nothing on', signal: 'SIGTERM', byNpm: true },
    { title: 'by SIGHUP, when its terminal is closed', signal: 'SIGHUP', byNpm: true },
    { title: 'by SIGKILL to npm', signal: 'SIGKILL', byNpm: true },
    { title: 'by SIGKILL to the bootstrap', signal: 'SIGKILL', byNpm: false },
  ] as const)('$title, leaves no process, no port and no folder behind', async ({ signal, byNpm }) => {
    const system = await start({ byNpm })
    await until('both Java processes', 90_000, async () => {
      const { kafka, dynamodb } = await system.javaPids()
      return kafka !== undefined && dynamodb !== undefined
    })
    const { code, ...left } = await system.stop(signal)
    expect(left).toEqual(nothingLeft)
    expect(code).not.toBe(0)
    expect(system.stdout()).not.toContain('ready')
  })
})
