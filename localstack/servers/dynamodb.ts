import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { classPathOf, fetchProgram, type Program } from './fetch.ts'
import type { ServerOptions } from './kafka.ts'
import { requireFree } from './ports.ts'
import { launch, type Running, jvmFlags } from './process.ts'
import { findJava } from './tools.ts'

export interface DynamoDb extends Running {
  /** `http://127.0.0.1:18000` */
  readonly endpoint: string
}

const DYNAMODB: Program = { title: 'DynamoDB Local 3.1.0', folder: 'dynamodb', megabytes: 48 }

/**
 * DynamoDB Local on the loopback interface. Any credentials and region do: all see the same tables.
 * Throws CannotStart for what a user can mend.
 */
export async function startDynamoDb({ port, dir, longLived, log, say }: ServerOptions): Promise<DynamoDb> {
  const java = await findJava()
  const jars = await fetchProgram(DYNAMODB, java, say)
  await requireFree(port, DYNAMODB.title, 'DYNAMODB_PORT')
  const folder = resolve(dir)
  await mkdir(folder, { recursive: true })
  const running = await launch({
    title: DYNAMODB.title,
    java,
    port,
    setting: 'DYNAMODB_PORT',
    readyWithinSeconds: 60,
    log,
    args: [
      ...jvmFlags({ longLived }),
      `-Djava.library.path=${jars}`,
      '-cp',
      classPathOf(jars),
      'DynamoDbLauncher',
      '-port',
      String(port),
      '-dbPath',
      folder,
      '-sharedDb',
      '-disableTelemetry',
    ],
  })
  return { ...running, endpoint: `http://127.0.0.1:${port}` }
}
