import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { CannotStart, findMaven, requireCompiler, run } from './tools.ts'

export interface Program {
  /** For people: `Kafka 4.3.0`. */
  readonly title: string
  /** The folder here that holds its pom.xml and its launcher. */
  readonly folder: 'kafka' | 'dynamodb'
  /** For people: how much is fetched. */
  readonly megabytes: number
}

export type Say = (line: string) => void

/** Progress goes to standard error, so that what a program prints for others stays clean. */
const sayOnStderr: Say = line => void process.stderr.write(`${line}\n`)

const here = import.meta.dirname
const PROGRESS_EVERY_MS = 3000

/** Where fetched jars are kept: `RECOURSE_CACHE`, else the ignored `.cache` folder of the repository. */
export const cacheFolder = () => resolve(process.env['RECOURSE_CACHE'] || join(here, '..', '..', '.cache'))

/**
 * The folder with the jars and the compiled launcher, fetched from Maven Central if it is not there yet.
 * It is made beside and renamed when whole, so an interrupted fetch is never taken for a done one, and two fetches at
 * once do no harm. Throws CannotStart with one line that says what is missing.
 */
export function fetchProgram(program: Program, java: string, say: Say = sayOnStderr): Promise<string> {
  const fetched = lastFetch.then(() => fetchOnce(program, java, say))
  lastFetch = fetched.then(ignore, ignore)
  return fetched
}

/** One at a time: Maven's local repository is not made for two that fill it at once. */
let lastFetch: Promise<unknown> = Promise.resolve()
const ignore = () => {}

async function fetchOnce(program: Program, java: string, say: Say): Promise<string> {
  const { folder } = program
  const sources = ['ParentWatch.java', ...(await readdir(join(here, folder))).map(name => join(folder, name))].sort()
  const done = join(cacheFolder(), 'servers', `${folder}-${await hashOf(sources)}`)
  if (existsSync(done)) return done

  const maven = await findMaven()
  await requireCompiler(java)
  const part = `${done}.${process.pid}.part`
  await rm(part, { recursive: true, force: true })
  await mkdir(part, { recursive: true })
  try {
    say(`fetching ${program.title} from Maven Central (${program.megabytes} MB, once) …`)
    await copyJars(maven, program, part, say)
    await compile(
      java,
      sources.filter(name => name.endsWith('.java')),
      part,
    )
    await moveUnlessThere(part, done)
    say(`fetched ${program.title}`)
    return done
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

/** What `java -cp` takes for such a folder. */
export const classPathOf = (folder: string) => [folder, join(folder, '*')].join(delimiter)

/** Another process may have fetched the same meanwhile: then its folder is as good as ours. */
async function moveUnlessThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(join(here, file)))
  return hash.digest('hex').slice(0, 12)
}

function copyJars(maven: string, program: Program, into: string, say: Say): Promise<void> {
  const args = ['-B', '-f', join(here, program.folder, 'pom.xml'), 'dependency:copy-dependencies']
  args.push('-DincludeScope=runtime', `-DoutputDirectory=${into}`)
  return new Promise((resolve, reject) => {
    const child = spawn(maven, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: maven.endsWith('.cmd') })
    let output = ''
    const append = (text: string) => void (output += text)
    child.stdout.setEncoding('utf8').on('data', append)
    child.stderr.setEncoding('utf8').on('data', append)
    // Maven knows nothing of its parent's end.
    const endWithUs = () => void child.kill('SIGKILL')
    process.once('exit', endWithUs)
    const since = Date.now()
    const progress = setInterval(() => {
      const files = output.match(/Downloaded from/g)?.length ?? 0
      say(`  ${program.title}: ${files} files downloaded, ${Math.round((Date.now() - since) / 1000)} s …`)
    }, PROGRESS_EVERY_MS)
    child.on('error', reject)
    child.on('close', code => {
      clearInterval(progress)
      process.removeListener('exit', endWithUs)
      if (code === 0) return resolve()
      const why = output.match(/\[ERROR\] (.*)/)?.[1] ?? `mvn ended with code ${code}`
      reject(new CannotStart(`${program.title} could not be fetched from Maven Central: ${why}`))
    })
  })
}

async function compile(java: string, sources: readonly string[], folder: string): Promise<void> {
  const jars = (await readdir(folder)).filter(name => name.endsWith('.jar')).map(name => join(folder, name))
  const args = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-proc:none', '-d', folder, '-cp', jars.join(delimiter)]
  const outgoing = await run(java, [...args, ...sources.map(name => join(here, name))])
  if (outgoing.code !== 0) throw new Error(`the launcher in localstack/servers does not compile:\n${outgoing.text}`)
}
