import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fetchProgram } from '../../../localstack/servers/fetch.ts'
import { findJava } from '../../../localstack/servers/tools.ts'

const program = { title: 'DynamoDB Local', folder: 'dynamodb', megabytes: 48 } as const
let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recourse-fetch-'))
  vi.stubEnv('RECOURSE_CACHE', join(dir, 'cache'))
  vi.stubEnv('PATH', `${dir}:/usr/bin:/bin`)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(dir, { recursive: true, force: true })
})

describe('what is missing is named in one line with the way to get it', () => {
  it('no Java', async () => {
    vi.stubEnv('JAVA_HOME', join(dir, 'none'))
    await expect(findJava()).rejects.toThrow(
      /^Java is missing \(.*none\/bin\/java does not run\): install a JDK 17[^\n]*$/,
    )
  })

  it('an old Java', async () => {
    vi.stubEnv('JAVA_HOME', dir)
    await pretend('bin/java', `echo 'openjdk version "1.8.0_392"' >&2`)
    await expect(findJava()).rejects.toThrow(/^Java 17 or newer is needed, .* is 8: install[^\n]*$/)
  })

  it('no Maven', async () => {
    vi.stubEnv('PATH', dir)
    await expect(fetchProgram(program, 'java', () => {})).rejects.toThrow(
      /^Maven is missing \(mvn does not run\)[^\n]*$/,
    )
  })

  it('an old Maven', async () => {
    await pretend('mvn', 'echo "Apache Maven 3.5.4 (abc)"')
    await expect(fetchProgram(program, 'java', () => {})).rejects.toThrow(
      /^Maven 3.6.3 or newer is needed, mvn is 3.5.4[^\n]*$/,
    )
  })

  it('a Java without its compiler', async () => {
    await pretend('mvn', 'echo "Apache Maven 3.9.1 (abc)"')
    await pretend('jre', 'echo "Module jdk.compiler not found" >&2; exit 1')
    await expect(fetchProgram(program, join(dir, 'jre'), () => {})).rejects.toThrow(/^Java has no compiler here[^\n]*$/)
  })
})

it('does not take an interrupted fetch for a done one, and says why it failed', async () => {
  await pretend('javac-able', 'exit 0')
  await pretend(
    'mvn',
    `case "$*" in *-v) echo "Apache Maven 3.9.1 (abc)";; *)
       for a in "$@"; do case $a in -DoutputDirectory=*) touch "\${a#*=}/half.jar";; esac; done
       echo "[ERROR] Could not transfer artifact x from central"; exit 1;; esac`,
  )
  await expect(fetchProgram(program, join(dir, 'javac-able'), () => {})).rejects.toThrow(
    'DynamoDB Local could not be fetched from Maven Central: Could not transfer artifact x from central',
  )
  expect(await readdir(join(dir, 'cache', 'servers'))).toEqual([])
})

async function pretend(name: string, script: string) {
  const path = join(dir, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}
