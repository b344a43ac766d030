/** Puts a synthesized stage into LocalStack, by the CDK's own command line. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as z from 'zod'

/** The account of every LocalStack; the region is one's choice. */
export const AWS = { region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' } as const
const ACCOUNT = '000000000000'
const CDKLOCAL = createRequire(import.meta.url).resolve('aws-cdk-local/bin/cdklocal')
const LINES_SHOWN = 30

interface Deployment {
  /** Of AWS's API: `http://127.0.0.1:4566`. */
  readonly endpoint: string
  /** The folder of the synthesized stacks. */
  readonly assembly: string
  /** A folder for what the command line writes. */
  readonly folder: string
}

/** By stack: `{'recourse-localstack-api': {ApiId: …}}`. */
type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Deploys every stack; what is there already is updated. Throws with the last lines of what the command line printed. */
export async function deploy({ endpoint, assembly, folder }: Deployment): Promise<{ apiId: string }> {
  const outputs = join(folder, 'outputs.json')
  const common = ['--app', assembly, '--progress', 'events']
  await cdklocal(['bootstrap', `aws://${ACCOUNT}/${AWS.region}`, ...common], endpoint)
  await cdklocal(['deploy', '--all', '--require-approval', 'never', '--outputs-file', outputs, ...common], endpoint)
  const found = Outputs.parse(JSON.parse(await readFile(outputs, 'utf8')))
  return { apiId: apiIdIn(found) }
}

const Outputs = z.record(z.string(), z.record(z.string(), z.string()))

/** Of the one stack that has an API. */
export function apiIdIn(outputs: Outputs): string {
  const [id] = Object.values(outputs).flatMap(({ ApiId }) => ApiId ?? [])
  if (id === undefined) throw new Error(`no stack has the output ApiId: ${Object.keys(outputs).join(', ')}`)
  return id
}

async function cdklocal(args: readonly string[], endpoint: string): Promise<void> {
  const child = spawn(process.execPath, [CDKLOCAL, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      // By its path: a bucket has no host of its own here.
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: AWS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: AWS.secretAccessKey,
      AWS_REGION: AWS.region,
      AWS_DEFAULT_REGION: AWS.region,
      CI: 'true',
    },
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter(line => line.trim() !== ''))
      lines.splice(0, lines.length - LINES_SHOWN)
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`cdklocal ${args[0]} ended with code ${code}:\n${lines.join('\n')}`)
}
