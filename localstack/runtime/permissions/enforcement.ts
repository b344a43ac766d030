import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { generateAuthTokenFromCredentialsProvider } from 'aws-msk-iam-sasl-signer-js'
import kafkajs, { type Kafka } from 'kafkajs'
import { join } from 'node:path'
import { freePort, makeCertificate, type RolesListener } from '../../servers/index.ts'
import { LOCAL_CREDENTIALS, localClient } from '../dynamodb/client.ts'
import { withAdmin } from '../kafka/admin.ts'
import { kafkaClient } from '../kafka/client.ts'
import { REGION } from '../template/resource-types.ts'
import { startGate } from './dynamodb-gate.ts'
import { accessControlOf, clusterArnOf, decisionIn, whoMayConnect } from './kafka-rules.ts'
import { PermissionDenied } from './permission-report.ts'
import { createLedger, type Granted, type Use } from './uses.ts'

/** Functions, and the pollers of their event sources, may do what their policies allow and nothing else. */
export interface Permissions {
  readonly granted: Granted | Promise<Granted>
  /** Is told of each use once, and of each attempt that was denied. */
  used?(use: Use): void
}

/** Milliseconds without another denial: what is denied together is told together. */
const TELL_AFTER_MS = 1500

/** Before the servers are there. */
export interface Roles {
  /** Where functions sign in to Kafka. */
  readonly listener: RolesListener
  /** Whether a line of the broker's was about who may do what, and of no interest otherwise. */
  handles(line: string): boolean
  /** Throws if the broker does not take its rules. */
  enforce(servers: ServersToGuard): Promise<Enforcement>
}

interface ServersToGuard {
  readonly brokers: readonly string[]
  readonly dynamodbEndpoint: string
  readonly show: (line: string) => void
}

export interface Enforcement {
  /** What replaces a function's variables, so that it comes by the guarded ways under its own name. */
  environmentOf(functionName: string, environment: Readonly<Record<string, string>>): Record<string, string>
  /** PEM: what functions have to trust. */
  readonly certificate: string
  /** As the poller of a function's event source, which has the function's role. */
  kafkaAs(functionName: string): Kafka
  dynamodbAs(functionName: string): DynamoDBClientConfig
  stop(): Promise<void>
}

/** `folder`: gets the broker's key. `fail`: is called soon after a first denial, with all that was denied till then. */
export async function prepareRoles(
  { granted: given, used }: Permissions,
  { folder, fail }: { readonly folder: string; readonly fail: (error: PermissionDenied) => void },
): Promise<Roles> {
  const [granted, certificate, port] = await Promise.all([given, makeCertificate(join(folder, 'roles')), freePort()])
  const clusterArn = clusterArnOf(granted)
  const denied: Use[] = []
  let telling: NodeJS.Timeout | undefined
  const ledger = createLedger(granted, use => {
    used?.(use)
    if (use.allowed) return
    denied.push(use)
    clearTimeout(telling)
    telling = setTimeout(() => fail(new PermissionDenied(denied)), TELL_AFTER_MS)
  })
  const brokers = [`127.0.0.1:${port}`]

  return {
    listener: { ...certificate, port, mayConnect: whoMayConnect(granted) },
    handles(line) {
      const decision = decisionIn(line, clusterArn)
      if (!decision) return line.includes('Principal = User:ANONYMOUS')
      ledger.use(decision.functionName, decision, decision.refused)
      return !decision.refused
    },
    async enforce({ brokers: unguarded, dynamodbEndpoint, show }) {
      await setRules(kafkaClient(unguarded, 'recourse-roles'), granted, show)
      const gate = await startGate({ endpoint: dynamodbEndpoint, ledger, show })
      return {
        environmentOf: (functionName, environment) => ({
          ...(Object.hasOwn(environment, 'KAFKA_BROKERS') && {
            KAFKA_BROKERS: brokers.join(','),
            KAFKA_AUTH: String(environment['KAFKA_AUTH']),
          }),
          AWS_ENDPOINT_URL_DYNAMODB: gate.url,
          AWS_ACCESS_KEY_ID: functionName,
        }),
        certificate: certificate.pem,
        kafkaAs: functionName =>
          kafkaClient(brokers, functionName, {
            ssl: { ca: [certificate.pem] },
            sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => tokenOf(functionName) },
          }),
        dynamodbAs: functionName => ({ ...localClient(gate.url), credentials: credentialsOf(functionName) }),
        async stop() {
          clearTimeout(telling)
          await gate.stop()
        },
      }
    },
  }
}

const credentialsOf = (functionName: string) => ({ ...LOCAL_CREDENTIALS, accessKeyId: functionName })

async function tokenOf(functionName: string) {
  const awsCredentialsProvider = async () => credentialsOf(functionName)
  const { token } = await generateAuthTokenFromCredentialsProvider({ region: REGION, awsCredentialsProvider })
  return { value: token }
}

/** In the place of whatever an earlier start on the same data has left. */
const setRules = (kafka: Kafka, granted: Granted, say: (line: string) => void) =>
  withAdmin(kafka, { what: 'set its access rules', say }, async admin => {
    const everything = {
      resourceType: kafkajs.AclResourceTypes.ANY,
      resourcePatternType: kafkajs.ResourcePatternTypes.ANY,
      operation: kafkajs.AclOperationTypes.ANY,
      permissionType: kafkajs.AclPermissionTypes.ANY,
    }
    await admin.deleteAcls({ filters: [everything] })
    await admin.createAcls({ acl: accessControlOf(granted) })
  })
