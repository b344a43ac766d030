import { Command, CommanderError } from 'commander'
import { systemClock } from '#engine/adapters/node/clock.ts'
import { OPERATORS } from '#engine/http/identity.ts'
import { signToken } from '../../localstack/runtime/identity.ts'
import { addressOf } from './address.ts'
import { type ApiAnswer, ApiError, apiClient } from '../../client/api-client.ts'
import { lines, oneLine, printable, printableJson } from '../../client/terminal-text.ts'
import { consumerCommands } from './consumers.ts'
import { deadLetterCommands } from './dead-letters.ts'
import { commandsOfDomains } from './of-domains.ts'
import { replayCommand } from './replay.ts'
import { sagaCommands } from './sagas.ts'
import { serviceCommands } from './services.ts'
import type { Session, Terminal } from './session.ts'
import { versionsCommand } from './versions.ts'

/** Runs the command line with its arguments (without node and the script); resolves to the exit code. */
export function buildCli(raw: Terminal): (args: readonly string[]) => Promise<number> {
  // The only way out: what others wrote moves no cursor, however it came here.
  const terminal: Terminal = { ...raw, out: text => raw.out(lines(text)), err: text => raw.err(lines(text)) }
  return async args => {
    const program = new Command('cli')
      .description('Shows what sagas do, and sets right what cannot go on.')
      .option(
        '--url <url>',
        'the API, with its path: https://host/v1 (default: $RECOURSE_URL, else 127.0.0.1 at $PORT)',
      )
      .option('--token <token>', 'who asks (default: $RECOURSE_TOKEN, else a token of this checkout for --sub)')
      .option('--sub <name>', 'whose local token to make when none is given', 'cli')
      .option('--json', 'JSON for programs instead of plain tables')
      .exitOverride()
      .configureOutput({
        writeOut: text => terminal.out(text.trimEnd()),
        writeErr: text => terminal.err(text.trimEnd()),
      })
    const isJson = () => program.opts<{ json?: boolean }>().json === true
    const showJson = (value: unknown) => raw.out(printableJson(JSON.stringify(value, null, 2)))
    const show = (value: unknown, plainly: () => string) => (isJson() ? showJson(value) : terminal.out(plainly()))
    /** `groups`: of the local token, where none is given. */
    const openAs = async (groups: readonly string[]): Promise<Session> => {
      const { url, token, sub } = program.opts<{ url?: string; token?: string; sub: string }>()
      const address = addressOf(url, terminal.env)
      const given = token ?? terminal.env['RECOURSE_TOKEN']
      // Only an API of this machine takes tokens of this checkout's key.
      const ours = given === undefined && address.isLocal ? await signToken({ sub, groups }) : undefined
      const api = apiClient(address.url, given ?? ours)
      // Programs get the bytes, people what can be shown of them.
      return { api: isJson() ? api : async request => printableAnswer(await api(request)), show }
    }
    const open = () => openAs([])
    const openAsOperator = () => openAs([OPERATORS])
    const surroundings = { env: terminal.env, progress: terminal.err, show }
    for (const command of commandsOfDomains) program.addCommand(command({ ...surroundings, open }))
    program.addCommand(sagaCommands(openAsOperator, show, systemClock).addCommand(versionsCommand(surroundings)))
    program.addCommand(deadLetterCommands({ open: openAsOperator, progress: terminal.err }))
    program.addCommand(serviceCommands(openAsOperator))
    program.addCommand(consumerCommands(openAsOperator))
    program.addCommand(replayCommand({ ...surroundings, open: openAsOperator }))
    inherit(program)

    try {
      await program.parseAsync(args, { from: 'user' })
      return 0
    } catch (error) {
      if (error instanceof CommanderError) return error.exitCode
      if (!(error instanceof ApiError)) throw error
      terminal.err(oneLine(error.message))
      if (isJson()) showJson(error.problem ?? { title: error.message })
      return 1
    }
  }
}

const printableAnswer = (answer: ApiAnswer): ApiAnswer => ({ ...answer, body: printable(answer.body) })

/** Subcommands report wrong usage as the program does: through the terminal, with an exit code instead of an exit. */
function inherit(command: Command): void {
  for (const sub of command.commands) {
    sub.copyInheritedSettings(command)
    inherit(sub)
  }
}
