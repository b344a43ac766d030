import { testsOfCommands } from '../../../../support/terminal-fuzz.ts'

testsOfCommands([
  ['order', 'show', 'o1'],
  ['order', 'place', '--item', 'tea:1', '--payment-method', 'tok_visa', '--wait'],
])
