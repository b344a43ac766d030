/**
 * `npm run new -- service <name>` and `npm run new -- saga <name>`: files that compile, their lines in the catalog, and a
 * first test that passes. All of it is made, or nothing.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { type Made, withMade } from './catalog-lines.ts'
import { CannotMake, namesOf } from './names.ts'
import { sagaFiles } from './saga-files.ts'
import { type Files, serviceFiles } from './service-files.ts'
import { refuseTaken, requireService } from './taken.ts'
import { formatted, writeAll } from './write.ts'

const root = join(import.meta.dirname, '../..')
const command = new Command('npm run new --').description('Makes a service or a saga that works, to go on from.')
command
  .command('service <name>')
  .description('a service that performs its work, refuses it, or takes it back: contract, rules, handler, test')
  .action((name: string) => {
    const service = namesOf(name)
    make({ service }, serviceFiles(service))
  })
command
  .command('saga <name>')
  .description('a saga of one step, with a service of its name that carries it out')
  .option('--service <name>', 'the service of that step, made by `new -- service`, in place of one of its own')
  .action((name: string, options: { service?: string }) => {
    const saga = namesOf(name)
    const service = namesOf(options.service ?? name)
    if (options.service === undefined)
      return make({ saga, service }, { ...serviceFiles(service), ...sagaFiles(saga, service) })
    requireService(root, service)
    make({ saga }, sagaFiles(saga, service))
  })

try {
  command.parse()
} catch (error) {
  if (!(error instanceof CannotMake)) throw error
  process.stderr.write(`recourse: ${error.message}\n`)
  process.exitCode = 1
}

function make(made: Made, plain: Files): void {
  refuseTaken(root, made, plain)
  const files = Object.fromEntries(Object.entries(plain).map(([path, text]) => [path, formatted(root, path, text)]))
  const before = readFileSync(join(root, 'lambdas/catalog.ts'), 'utf8')
  writeAll(root, files, formatted(root, 'lambdas/catalog.ts', withMade(before, made)))
  const name = (made.saga ?? made.service)?.name
  const lines = [
    ...Object.keys(files).map(path => `made     ${path}`),
    'changed  lambdas/catalog.ts',
    '',
    'Next:',
    `  npx vitest run --project unit test/unit/${name}   # its first tests`,
    '  npm run update                                 # documents, locks and snapshots: review the difference in git',
    '  npm start -- --watch                           # and edit its rules',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
