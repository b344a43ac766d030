import { join } from 'node:path'
import { CannotStart, run } from './tools.ts'

/** It lives for a moment. */
const QUICKLY = ['-J-XX:TieredStopAtLevel=1', '-J-XX:+UseSerialGC']

/** The JDK's keytool on a PKCS#12 file. Throws CannotStart with what it says, or if there is none. */
export async function keytool(
  { keystore, password }: { readonly keystore: string; readonly password: string },
  command: string,
  ...args: string[]
): Promise<void> {
  const program = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'keytool') : 'keytool'
  const access = ['-storetype', 'PKCS12', '-keystore', keystore, '-storepass', password]
  const { code, text } = await run(program, [command, ...QUICKLY, ...access, ...args])
  if (code !== 0) throw new CannotStart(`keytool ${command} failed, which a JDK has beside its java: ${text.trim()}`)
}
