/** Commands that the domains bring with them. */
import type { Command } from 'commander'
import { orderCommands } from './order.ts'
import { quoteCommands } from './quotes.ts'
import type { Session } from './session.ts'

export interface Surroundings {
  /** As whoever asks. */
  readonly open: () => Promise<Session>
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it has to say beside its answer. */
  readonly progress: (text: string) => void
  readonly show: Session['show']
}

export const commandsOfDomains: readonly ((surroundings: Surroundings) => Command)[] = [
  ({ open }) => orderCommands(open),
  quoteCommands,
]
