/** The command line against a running API: `npm run cli -- order place --item coffee:2 --payment-method tok_visa --wait`. */
import { buildCli } from './program.ts'

process.exitCode = await buildCli({
  env: process.env,
  out: text => process.stdout.write(`${text}\n`),
  err: text => process.stderr.write(`${text}\n`),
})(process.argv.slice(2))
