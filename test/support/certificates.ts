import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keytool } from '../../localstack/servers/keytool.ts'

export interface Certificates {
  /** PKCS#12: a server's key with its certificate and the authority's. */
  readonly keystore: string
  readonly keystorePassword: string
  /** The authority's certificate, as PEM. */
  readonly rootCertificate: string
}

const PASSWORD = 'only-for-tests'

/** An authority that nobody knows, and a certificate of its own for 127.0.0.1, by the JDK's keytool; good for a day. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name)
  const [authority, keystore] = [file('authority.p12'), file('server.p12')]
  const call = (store: string, command: string, ...args: string[]) =>
    keytool({ keystore: store, password: PASSWORD }, command, '-noprompt', ...args)
  const key = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '1']
  await Promise.all([
    call(authority, '-genkeypair', ...key, '-alias', 'root', '-dname', 'CN=An authority', '-ext', 'bc:c=ca:true'),
    call(keystore, '-genkeypair', ...key, '-alias', 'server', '-dname', 'CN=kafka'),
  ])
  await Promise.all([
    call(keystore, '-certreq', '-alias', 'server', '-file', file('server.csr')),
    call(authority, '-exportcert', '-rfc', '-alias', 'root', '-file', file('root.pem')),
  ])
  const signed = ['-infile', file('server.csr'), '-outfile', file('server.pem'), '-ext', 'san=ip:127.0.0.1']
  await call(authority, '-gencert', '-rfc', '-alias', 'root', '-validity', '1', ...signed)
  const rootCertificate = await readFile(file('root.pem'), 'utf8')
  await appendFile(file('server.pem'), rootCertificate)
  await call(keystore, '-importcert', '-alias', 'server', '-file', file('server.pem'))
  return { keystore, keystorePassword: PASSWORD, rootCertificate }
}
