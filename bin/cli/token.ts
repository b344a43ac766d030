/** Prints a token for the local API: `npm run --silent token -- --sub alice [--group operators] [--expires 60]`. */
import { Command, InvalidArgumentError } from 'commander'
import { signToken } from '../../localstack/runtime/identity.ts'

const command = new Command('token')
  .description('Prints a signed token for the API of this checkout.')
  .requiredOption('--sub <name>', 'whose token it is: what it makes belongs to this user')
  .option('--group <name>', 'a group, as operators; may be repeated', collect, [])
  .option('--expires <seconds>', 'how long it is good for (default: a day)', readSeconds)
  .parse()

const { sub, group, expires } = command.opts<{ sub: string; group: string[]; expires?: number }>()
process.stdout.write(
  `${await signToken({ sub, groups: group, ...(expires === undefined ? {} : { expiresSeconds: expires }) })}\n`,
)

function collect(name: string, before: string[]): string[] {
  return [...before, ...name.split(',').filter(Boolean)]
}

function readSeconds(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number of seconds.')
  return Number(text)
}
