import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keytool } from './keytool.ts'

/** A server's key and its certificate for 127.0.0.1, which nobody else trusts. */
export interface Certificate {
  /** A PKCS#12 file. */
  readonly keystore: string
  readonly keystorePassword: string
  /** The certificate itself, as PEM: who trusts it trusts the server. */
  readonly pem: string
}

/** It guards a file in a folder of this run. */
const PASSWORD = 'of-this-machine'

/** A new one, by the JDK's keytool; good for a year. Throws CannotStart if there is no keytool. */
export async function makeCertificate(folder: string): Promise<Certificate> {
  await mkdir(folder, { recursive: true })
  const [keystore, file] = [join(folder, 'server.p12'), join(folder, 'server.pem')]
  const call = (command: string, ...args: string[]) =>
    keytool({ keystore, password: PASSWORD }, command, '-alias', 'server', ...args)
  await rm(keystore, { force: true })
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '365']
  await call('-genkeypair', ...key, '-dname', 'CN=kafka', '-ext', 'san=ip:127.0.0.1', '-ext', 'bc:c=ca:true')
  await call('-exportcert', '-rfc', '-file', file)
  return { keystore, keystorePassword: PASSWORD, pem: await readFile(file, 'utf8') }
}
