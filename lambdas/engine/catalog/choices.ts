/**
 * What a stage, and a local run, may choose of a catalog: the same domains held together in another way. A setting of the
 * stage, a variable of a local run, and of every function that differs by it. Pure.
 */
import * as z from 'zod'

export interface Choice<Value extends string = string> {
  /** Of the environment: `QUOTING`. */
  readonly variable: string
  /** The first is the default. */
  readonly values: readonly [Value, ...Value[]]
  /** What is chosen, in a few words: for help texts and documents. */
  readonly description: string
}

/** By the stage's setting: `quoting`. */
export type Choices = Readonly<Record<string, Choice>>

/** One value of each; any object where there is nothing to choose. */
export type ChosenOf<C extends Choices> = [keyof C] extends [never]
  ? object
  : { readonly [Setting in keyof C]: C[Setting]['values'][number] }

type Field<Value extends string> = z.ZodDefault<z.ZodEnum<{ [V in Value]: V }>>

/** Fields of a stage's settings. */
export const settingFields = <C extends Choices>(choices: C) =>
  mapped(choices, (_, choice) => fieldOf(choice)) as { [Setting in keyof C]: Field<C[Setting]['values'][number]> }

/** Fields of an environment, by variable. */
export const variableFields = (choices: Choices): Record<string, Field<string>> =>
  Object.fromEntries(Object.values(choices).map(choice => [choice.variable, fieldOf(choice)]))

export const variablesOf = (choices: Choices): string[] => Object.values(choices).map(({ variable }) => variable)

/** Out of settings that have them among others. */
export const chosenIn = <C extends Choices>(choices: C, settings: ChosenOf<C>): ChosenOf<C> =>
  mapped(choices, setting => valueIn(settings, setting)) as ChosenOf<C>

/** Out of an environment that was checked with `variableFields`. */
export const chosenByVariables = <C extends Choices>(
  choices: C,
  environment: Readonly<Record<string, unknown>>,
): ChosenOf<C> => mapped(choices, (_, { variable }) => environment[variable] as string) as ChosenOf<C>

/** What functions find in their environment. */
export const asVariables = <C extends Choices>(choices: C, chosen: ChosenOf<C>): Record<string, string> =>
  Object.fromEntries(Object.entries(choices).map(([setting, { variable }]) => [variable, valueIn(chosen, setting)]))

export const byDefault = <C extends Choices>(choices: C): ChosenOf<C> =>
  mapped(choices, (_, { values: [first] }) => first) as ChosenOf<C>

/** Each with each; one that chooses nothing where there is no choice. */
export const everyChosen = <C extends Choices>(choices: C): ChosenOf<C>[] =>
  Object.entries(choices).reduce<Record<string, string>[]>(
    (all, [setting, { values }]) => all.flatMap(chosen => values.map(value => ({ ...chosen, [setting]: value }))),
    [{}],
  ) as ChosenOf<C>[]

const valueIn = (settings: object, setting: string) => (settings as Record<string, string>)[setting] as string

const fieldOf = ({ values, description }: Choice) =>
  z
    .enum([...values], `is one of ${values.join(', ')}`)
    .default(values[0])
    .describe(`${description}: ${values.join(', ')}`)

const mapped = <C extends Choices>(choices: C, valueOf: (setting: keyof C & string, choice: Choice) => unknown) =>
  Object.fromEntries(Object.entries(choices).map(([setting, choice]) => [setting, valueOf(setting, choice)]))
