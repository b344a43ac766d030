/**
 * Stands in a bundle for `@aws-sdk/client-sts`, which the MSK signer imports for one debugging option
 * (`awsDebugCreds`) that nothing here sets.
 */
function leftOut(): never {
  throw new Error('@aws-sdk/client-sts is left out of the bundle')
}

export { leftOut as GetCallerIdentityCommand, leftOut as STSClient }
