import type { CommandSettings, SagaDefinition, Step } from './definition.ts'

/** A definition that cannot run. Thrown when it is built, so at the start of whatever imports it. */
export class SagaDefinitionError extends Error {
  readonly saga: string
  constructor(saga: string, problem: string) {
    super(`Saga '${saga}': ${problem}`)
    this.name = 'SagaDefinitionError'
    this.saga = saga
  }
}

/** What types cannot see. Throws a SagaDefinitionError at the first thing that is wrong. */
export function check(saga: Omit<SagaDefinition, 'reactions'>): void {
  const wrong = (problem: string): never => {
    throw new SagaDefinitionError(saga.name, problem)
  }
  checkHead(saga, wrong)
  const commands = commandsIn(saga)
  for (const { where, settings } of commands) checkLimits(where, settings, wrong)
  for (const step of saga.steps) checkReplies(step, wrong)
  checkNames(saga, wrong)
  checkOverlap(saga, commands, wrong)
  checkJoins(saga, wrong)
}

type Wrong = (problem: string) => never
interface NamedCommand {
  /** As an error names it: `the undo of step 'reserve'`. */
  readonly where: string
  readonly settings: CommandSettings
}

const validName = /^[A-Za-z][A-Za-z0-9-]{0,63}$/

function checkHead(
  { name, version, key, startsWith, deadlineSeconds, steps }: Omit<SagaDefinition, 'reactions'>,
  wrong: Wrong,
) {
  if (!validName.test(name))
    wrong('its name becomes the name of a function: use letters, digits and dashes, a letter first, at most 64')
  if (!Number.isInteger(version) || version < 1) wrong(`version ${version}: give it a whole number from 1`)
  if (!(deadlineSeconds > 0 && Number.isFinite(deadlineSeconds)))
    wrong(`deadline of ${deadlineSeconds} seconds: give it a time after its beginning, such as minutes(15)`)
  if (steps.length === 0) wrong('it has no step: add one with .step(), .pivot() or .retriable()')
  if (startsWith.sagaField !== key)
    wrong(
      `${startsWith.type} finds its saga in '${startsWith.sagaField}' but is about '${key}': start it with an event of the aggregate that the saga is about`,
    )
}

function checkLimits(where: string, { withinSeconds, attemptsMax }: CommandSettings, wrong: Wrong) {
  if (!(withinSeconds >= 1 && Number.isFinite(withinSeconds)))
    wrong(`${where} has ${withinSeconds} seconds for an attempt: give it at least seconds(1)`)
  if (!Number.isInteger(attemptsMax) || attemptsMax < 1)
    wrong(`${where} has ${attemptsMax} attempts: give it a whole number from 1`)
}

function checkReplies({ name, command, done, refused, undo }: Step, wrong: Wrong) {
  const same = (written: object, declared: readonly { type: string }[], list: string) => {
    const types = declared.map(reply => reply.type)
    for (const type of types)
      if (!Object.hasOwn(written, type))
        wrong(`step '${name}' does not handle ${type}, which ${command.type} lists as ${list}: add it under ${list}`)
    for (const type of Object.keys(written))
      if (!types.includes(type))
        wrong(
          `step '${name}' handles ${type}, which ${command.type} does not list as ${list}: remove it, or add it to the contract`,
        )
  }
  same(done, command.done, 'done')
  same(refused, command.refused, 'refused')
  const stray = undo?.onItsOwnAfter.find(type => !Object.hasOwn(refused, type))
  if (stray) wrong(`the undo of step '${name}' is on its own after ${stray}, which is no refusal of ${command.type}`)
  if (command.done.length === 0 && command.refused.length > 0)
    wrong(
      `step '${name}' would wait for ${command.type}, which can be refused but never done: list its done reply in the contract, or no reply at all`,
    )
}

function checkNames({ steps, abort }: Omit<SagaDefinition, 'reactions'>, wrong: Wrong) {
  const seen = new Set<string>()
  for (const { name } of [...steps, ...(abort ? [abort] : [])]) {
    if (!validName.test(name))
      wrong(`step '${name}': use letters, digits and dashes for its name, a letter first, at most 64`)
    if (seen.has(name)) wrong(`there are two steps '${name}': give each a name of its own`)
    seen.add(name)
  }
}

function checkJoins({ joins, steps, key, abort }: Omit<SagaDefinition, 'reactions'>, wrong: Wrong) {
  if (joins && !steps.some(step => step.name === joins.at))
    wrong(
      `${joins.with.type} joins at '${joins.at}', which is no step: name one of ${steps.map(s => s.name).join(', ')}`,
    )
  if (joins && joins.with.sagaField !== key)
    wrong(`${joins.with.type} joins it, but finds its saga in '${joins.with.sagaField}' and not in '${key}'`)
  const late = steps.find(step => step.undo?.evenIfRefused === 'after the abort')
  if (late && (!abort || abort.command.done.length === 0 || late.undo?.command.done.length === 0))
    wrong(`step '${late.name}' is undone after the abort: both must have a reply to wait for`)
}

/**
 * Replies are matched by their type, so a type may be waited for in one place only. One exception: a refusal may be the
 * abort's own reply (the quote was rejected by another, and rejecting it is all that is left): both mean the same.
 */
function checkOverlap(saga: Omit<SagaDefinition, 'reactions'>, commands: readonly NamedCommand[], wrong: Wrong) {
  const waiting = new Map<string, { where: string; refusal: boolean }>()
  for (const { where, settings } of commands) {
    const replies = [
      ...settings.command.done.map(({ type }) => ({ type, refusal: false })),
      ...settings.command.refused.map(({ type }) => ({ type, refusal: true })),
    ]
    for (const { type, refusal } of replies) {
      const other = waiting.get(type)
      if (other && !(other.refusal && settings === saga.abort))
        wrong(
          `${type} could be taken for the reply of ${other.where} or of ${where}: give the two commands replies of different types`,
        )
      waiting.set(type, { where, refusal })
    }
  }
  const start = waiting.get(saga.startsWith.type)
  if (start)
    wrong(
      `it begins with ${saga.startsWith.type}, which is also a reply of ${start.where}: give that reply a type of its own`,
    )
}

/** Every command of a saga, in order. */
function commandsIn({ steps, abort }: Omit<SagaDefinition, 'reactions'>): NamedCommand[] {
  return [
    ...steps.flatMap(step => [
      { where: `step '${step.name}'`, settings: step },
      ...(step.undo ? [{ where: `the undo of step '${step.name}'`, settings: step.undo }] : []),
      ...(step.settle ? [{ where: `the settling of step '${step.name}'`, settings: step.settle }] : []),
    ]),
    ...(abort ? [{ where: `the abort '${abort.name}'`, settings: abort }] : []),
  ]
}
