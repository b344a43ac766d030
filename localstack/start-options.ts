/** What `npm start --` takes, and what its `--help` says of it and of the environment. */
import { Command, Option } from 'commander'
import { variables } from './runtime/settings.ts'

export interface StartOptions {
  readonly once: boolean
  readonly watch: boolean
  readonly permissions: boolean
  /** Places the orders and quotes of the scenarios once everything is up. */
  readonly demo: boolean
}

export interface Written {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** Throws a CommanderError whose `exitCode` this process should have: help was printed, or what is wrong was. */
export function readStartOptions(args: readonly string[], { out, err }: Written): StartOptions {
  const command = new Command('npm start --')
    .description(
      'Starts everything on this machine: Kafka, DynamoDB and the functions. Then it places orders and quotes down every path and stays up.',
    )
    .helpOption('--help', 'print this, and end')
    .addOption(
      new Option(
        '--once',
        'end after the demo; exit code 0 only if each of its orders and quotes ended as it should',
      ).conflicts('watch'),
    )
    .option('--no-demo', 'place no orders and no quotes: just be up')
    .option('--watch', 'bundle a function again when its code changes, and swap it in; print type errors')
    .option(
      '--permissions',
      'functions may do what their policies say; the first that tries something else ends the run',
    )
    .addHelpText('after', `\nEnvironment variables:\n${variableLines()}`)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
  command.parse(args, { from: 'user' })
  const { once = false, watch = false, permissions = false, demo = true } = command.opts<Partial<StartOptions>>()
  if (once && !demo)
    command.error("error: option '--once' cannot be used with option '--no-demo': it ends after the demo")
  return { once, watch, permissions, demo }
}

function variableLines(): string {
  const described = variables()
  const width = Math.max(...described.map(({ name }) => name.length)) + 2
  return described
    .map(({ name, description, byDefault }) => {
      const given = byDefault === undefined || byDefault === '' ? '' : ` (default: ${byDefault})`
      return `  ${name.padEnd(width)}${description}${given}`
    })
    .join('\n')
}
