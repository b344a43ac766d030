/** The two servers of the local runtime, fetched on first use. */
export { type DynamoDb, startDynamoDb } from './dynamodb.ts'
export { makeCertificate } from './certificate.ts'
export { type Kafka, type RolesListener, startKafka } from './kafka.ts'
export { freePort, isTaken, requireFree } from './ports.ts'
export { describeExit, type Running } from './process.ts'
export { type Supervised, supervise } from './supervise.ts'
export { together } from './together.ts'
export { CannotStart } from './tools.ts'
