/** The settings of a function: read once, at its start; what is missing is named. */
import * as z from 'zod'
import { chosenByVariables, type Choices, type ChosenOf, variableFields } from '../../catalog/choices.ts'
import { tableVariable } from '../../catalog/table-variable.ts'
import { ConfigurationError } from '../../model/errors.ts'

const list = z
  .string()
  .min(1)
  .transform(text => text.split(',').map(part => part.trim()))
const json = <S extends z.ZodType>(schema: S) =>
  z.string().transform((text, context) => {
    try {
      return schema.parse(JSON.parse(text))
    } catch (error) {
      context.addIssue({
        code: 'custom',
        message: `is not what it should be: ${error instanceof Error ? error.message : String(error)}`,
      })
      return z.NEVER
    }
  })

/** For each topic that a function reads, without prefix: whether it owns it, the types that it handles there, and those that are others'. */
const consumesSchema = z.record(
  z.string(),
  z.object({
    owner: z.boolean(),
    types: z.array(z.string()),
    others: z.array(z.string()),
    reportedByOthers: z.array(z.string()).optional(),
  }),
)
export type Consumes = z.infer<typeof consumesSchema>
/** `product.event` → `products-events`: where what is said about an aggregate goes, without prefix. */
const publishesSchema = z.record(z.string(), z.string())

const kafkaEnvironment = z.object({
  KAFKA_BROKERS: list,
  KAFKA_AUTH: z.enum(['iam', 'plain', 'none']),
  /** For `plain`: `{"username": …, "password": …}` */
  KAFKA_SECRET_ARN: z.string().min(1).optional(),
  /** For `plain` behind a private authority: `{"certificate": "<PEM>"}` */
  KAFKA_CA_SECRET_ARN: z.string().min(1).optional(),
  TOPIC_PREFIX: z.string().default(''),
  CONSUMES: json(consumesSchema).optional(),
  PUBLISHES: json(publishesSchema),
})
/** For who lists consumers: the topics of each, by its function's name. */
export const ConsumersEnvironment = z.object({ CONSUMERS: json(z.record(z.string(), z.array(z.string()))) })

export type KafkaEnvironment = z.infer<typeof kafkaEnvironment>

export const readKafkaEnvironment = (environment: NodeJS.ProcessEnv = process.env): KafkaEnvironment =>
  read(kafkaEnvironment, environment)

/** Throws ConfigurationError that names every variable that is wrong. */
export function read<S extends z.ZodType>(schema: S, environment: NodeJS.ProcessEnv = process.env): z.infer<S> {
  const result = schema.safeParse(environment)
  if (result.success) return result.data
  throw new ConfigurationError(
    result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    { code: 'ENVIRONMENT' },
  )
}

/** What was chosen of the catalog. Throws ConfigurationError that names every variable that is wrong. */
export const readChosen = <C extends Choices>(choices: C, environment: NodeJS.ProcessEnv = process.env): ChosenOf<C> =>
  chosenByVariables(choices, read(z.object(variableFields(choices)), environment))

/** Physical names of tables by the catalog's. Throws ConfigurationError that names the variable. */
export function tableName(table: string, environment: NodeJS.ProcessEnv = process.env): string {
  const name = environment[tableVariable(table)]
  if (name) return name
  throw new ConfigurationError(
    `${tableVariable(table)} is not set: this function was deployed without a grant to the table ${table}`,
    { code: 'ENVIRONMENT' },
  )
}
