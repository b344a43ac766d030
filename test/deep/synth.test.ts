import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stages } from '../../lib/config.ts'
import { kafkaKinds } from '../../scripts/cost/kafka-kinds.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
/** Of processor, so that a busy machine is no reason to fail; on an idle one of two cores it takes less than that to pass. */
const SECONDS_MAX = 10

let home: string
beforeAll(async () => void (home = await mkdtemp(join(tmpdir(), 'recourse-synth-'))))
afterAll(() => rm(home, { recursive: true, force: true }))

/** Every kind as the stage that has the most in it, and every other stage once. */
const variants = Object.keys(stages)
  .filter(stage => stage !== 'local')
  .flatMap(stage =>
    (stage === 'prod' ? kafkaKinds : kafkaKinds.slice(0, 1)).map(kafka => [stage, kafka.kind, kafka] as const),
  )

describe('cdk synth', () => {
  it.each(variants)(
    `makes %s on %s without credentials or network, in ${SECONDS_MAX} s`,
    async (stage, kind, kafka) => {
      const out = join(home, `${stage}-${kind}`)
      // The first time fills caches, and another program may have been at work.
      const seconds = await synth(stage, kafka, out)
      expect(seconds < SECONDS_MAX ? seconds : await synth(stage, kafka, out)).toBeLessThan(SECONDS_MAX)
      const templates = (await readdir(out)).filter(file => file.endsWith('.template.json'))
      const stacks = kafka.kind === 'self-managed' ? 5 : 7
      expect(templates).toHaveLength(stage === 'localstack' ? 4 : stacks)
    },
  )
})

/** Seconds of processor time. */
async function synth(stage: string, kafka: (typeof kafkaKinds)[number], out: string): Promise<number> {
  const cdk = join(root, 'node_modules/.bin/cdk')
  const { stderr } = await run(
    'bash',
    // Whatever would ask somebody finds nobody: no configuration, no metadata service, and a proxy that is not there.
    [
      '-c',
      `TIMEFORMAT='seconds %U %S'; time "$0" synth --quiet --output "$1" -c stage="$2" -c settings="$3"`,
      cdk,
      out,
      stage,
      JSON.stringify({ kafka }),
    ],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        AWS_EC2_METADATA_DISABLED: 'true',
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
      },
    },
  )
  const [, user, system] = /seconds ([\d.]+) ([\d.]+)/.exec(stderr) ?? []
  return Number(user) + Number(system)
}
