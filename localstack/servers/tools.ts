import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** Something that the user can mend: the message is one line that says what is missing and how to get it. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart'
}

const JAVA_MIN = 17
/** What the fetching plugin needs. */
const MAVEN_MIN = [3, 6, 3] as const
const GET_JAVA =
  'install a JDK 17 or newer (Debian: apt install openjdk-17-jdk-headless, macOS: brew install openjdk, others: https://adoptium.net), or set JAVA_HOME'
const GET_MAVEN =
  'install it (Debian: apt install maven, macOS: brew install maven, others: https://maven.apache.org/install.html)'

/** The `java` to run: that of JAVA_HOME, else the one on the path. Throws CannotStart if there is none or it is too old. */
export async function findJava(): Promise<string> {
  const java = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java'
  const outgoing = await run(java, ['-version'])
  const version = outgoing.text.match(/version "(?:1\.)?(\d+)[^"]*"/)
  if (!version) throw new CannotStart(`Java is missing (${java} does not run): ${GET_JAVA}`)
  if (Number(version[1]) < JAVA_MIN)
    throw new CannotStart(`Java ${JAVA_MIN} or newer is needed, ${java} is ${version[1]}: ${GET_JAVA}`)
  return java
}

/** The launchers are compiled once, which a Java runtime without its compiler cannot do. */
export async function requireCompiler(java: string): Promise<void> {
  const outgoing = await run(java, ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-version'])
  if (outgoing.code !== 0) throw new CannotStart(`Java has no compiler here (a JRE, not a JDK): ${GET_JAVA}`)
}

/** The `mvn` on the path. Throws CannotStart if there is none or it is too old. */
export async function findMaven(): Promise<string> {
  const maven = process.platform === 'win32' ? 'mvn.cmd' : 'mvn'
  const outgoing = await run(maven, ['-B', '-v'])
  const version = outgoing.text.match(/Apache Maven (\d+)\.(\d+)\.(\d+)/)?.slice(1, 4)
  if (!version) throw new CannotStart(`Maven is missing (mvn does not run): ${GET_MAVEN}`)
  if (isOlder(version.map(Number), MAVEN_MIN))
    throw new CannotStart(`Maven ${MAVEN_MIN.join('.')} or newer is needed, mvn is ${version.join('.')}: ${GET_MAVEN}`)
  return maven
}

function isOlder(version: readonly number[], least: readonly number[]): boolean {
  const at = least.findIndex((part, i) => version[i] !== part)
  return at >= 0 && (version[at] ?? 0) < (least[at] ?? 0)
}

/** Runs to the end; `text` is both outputs. A program that cannot be started is code -1, not an error. */
export function run(command: string, args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise(resolve => {
    const options = { maxBuffer: 64 * 1024 * 1024, shell: command.endsWith('.cmd') }
    const child = execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0
      resolve({ code, text: `${stdout}${stderr}` })
    })
    child.stdin?.end()
  })
}
