import type { Mechanism } from 'kafkajs'

/**
 * SASL/PLAIN (RFC 4616). kafkajs's own makes one error of a refusal and of a connection that was lost meanwhile; with
 * this one the broker's answer stays what it is (`SASL_AUTHENTICATION_FAILED`), and what is lost is tried again.
 */
export const plainMechanism = ({ username, password }: { username: string; password: string }): Mechanism => ({
  mechanism: 'plain',
  authenticationProvider: ({ saslAuthenticate }) => ({
    async authenticate() {
      const request = { encode: () => withLength(`\0${username}\0${password}`) }
      await saslAuthenticate({ request, response: { decode: () => Buffer.alloc(0), parse: () => true } })
    },
  }),
})

/** Kafka's bytes: their number first. */
function withLength(text: string): Buffer {
  const content = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeInt32BE(content.length)
  return Buffer.concat([length, content])
}
