import { Command } from 'commander'
import { plainTable } from '../../client/plain-table.ts'
import type { Session } from './session.ts'

interface Republished {
  readonly service: string
  readonly id: string
  readonly messages: readonly {
    readonly id: string
    readonly type: string
    readonly changed: readonly string[]
    readonly before: Readonly<Record<string, unknown>>
    readonly after: Readonly<Record<string, unknown>>
  }[]
  readonly receivers: string
  readonly deadLetters: readonly string[]
  readonly actionId?: string
}

interface Options {
  readonly reason?: string
  readonly dryRun?: boolean
}

/** `services republish`. */
export function serviceCommands(open: () => Promise<Session>): Command {
  const services = new Command('services').description('mend what services have published')
  const command = services.command('republish')
  command
    .argument('<service>')
    .argument('<id>', 'of its item: of the order, or of the quote')
    .description('decides again what its last commit published, and publishes it under the same ids: after a repair')
    .option('--reason <text>', 'why, for the audit')
    .option('--dry-run', 'shows what would be published, and changes nothing')
    .action(async (service: string, id: string, { reason, dryRun = false }: Options) => {
      if (reason === undefined && !dryRun) command.error('error: say why with --reason <text>, or look with --dry-run')
      await republish(await open(), { service, id, body: { reason: reason ?? 'a dry run', dryRun } })
    })
  return services
}

async function republish(
  { api, show }: Session,
  { service, id, body }: { service: string; id: string; body: { reason: string; dryRun: boolean } },
): Promise<void> {
  const path = `/services/${encodeURIComponent(service)}/${encodeURIComponent(id)}/republish`
  const done = (await api({ method: 'POST', path, body })).body as Republished
  show(done, () =>
    [
      plainTable(
        [
          'MESSAGE',
          'TYPE',
          'FIELD',
          body.dryRun ? 'IS PUBLISHED' : 'WAS PUBLISHED',
          body.dryRun ? 'WOULD BE' : 'IS NOW',
        ],
        done.messages.flatMap(({ id: messageId, type, changed, before, after }) =>
          changed.length === 0
            ? [[messageId, type, 'nothing differs', '', '']]
            : changed.map(field => [messageId, type, field, asText(before[field]), asText(after[field])]),
        ),
      ),
      '',
      ...(body.dryRun ? ['a dry run: nothing is changed'] : [`it is recorded as ${done.actionId ?? ''}`]),
      done.receivers,
      ...(done.deadLetters.length === 0
        ? []
        : [`dead letters of its saga, to be discarded if they hold what is replaced: ${done.deadLetters.join(' ')}`]),
    ].join('\n'),
  )
}

const asText = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value))
