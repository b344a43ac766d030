/**
 * Stands in a bundle for `@aws-sdk/credential-provider-node` and `@aws-sdk/credential-providers`. Lambda gives a
 * function its role's credentials in the environment and ends the process before they expire; the files, metadata
 * endpoints and single sign-on that the real packages can also ask are 100 to 170 KB that never run there.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

/** What the SDK's clients ask for. */
export const defaultProvider = fromEnv
/** What the MSK signer asks for. */
export const fromNodeProviderChain = fromEnv

const refused = (what: string) => () => {
  throw new Error(`${what} is left out of the bundle: a function has its role's credentials in the environment`)
}
export const fromIni = refused('fromIni')
export const fromTemporaryCredentials = refused('fromTemporaryCredentials')
