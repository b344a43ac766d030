/** What no template and no definition tells: each is a guess that can be replaced by what your own system shows. */
export const ASSUMED = {
  /** How often who placed an order asks for it until it is final. */
  readsByCaller: 2,
  /** One message or request at a time: batches make all of it cheaper (docs/benchmarks.md). In a region, not measured. */
  invocationSeconds: 0.05,
  /** What the payment provider takes to answer, more than the invocation itself. */
  providerSeconds: 0.3,
  providerBytes: 10_000,
  /** POST of an order, and GET. */
  methods: 2,
  /** Count, Latency, IntegrationLatency, 4XXError, 5XXError. */
  metricsOfAMethod: 5,
  accessLogBytes: 300,
  /** What Lambda itself writes about an invocation: three lines. */
  platformLogBytes: 350,
  /** Of what logs weigh when they are kept. */
  logCompression: 0.15,
  /** Three zones: a client and the broker it talks to stand in different ones two times out of three. */
  acrossZones: 2 / 3,
  /** Days that a finished durable execution is kept: its default. */
  retainedDays: 14,
  temporalWorkers: 2,
  temporalWorkerCpu: 0.5,
  temporalWorkerGb: 1,
} as const

const percent = (share: number) => `${Math.round(share * 100)} %`

/** In words, for the tables' readers. */
export const assumptions: readonly string[] = [
  'List prices, with no volume discount and no free allowance (Temporal: its volume tiers, and what its plan includes). Taxes, support and data that leaves the region to callers are left out.',
  'An order is one of two lines, approved, with nothing sent twice: it is run through the consumers in this process, and its writes, reads, messages, bytes and logs are counted. One whose payment is declined writes about 31 units in the place of 22 (docs/benchmarks.md: 22.9 with one in ten).',
  `Every message and request wakes a function on its own, which is the dearest: at full load an order takes 1.3 invocations (docs/benchmarks.md). An invocation takes ${ASSUMED.invocationSeconds * 1000} ms, and the payment provider ${ASSUMED.providerSeconds * 1000} ms more. Neither was measured on AWS.`,
  `Who places an order asks for it ${ASSUMED.readsByCaller} times. Users are not in the sums: Cognito takes $0.015 for each one that signs in within a month on Essentials, beyond the first 10,000, and $0.02 for each on Plus.`,
  `An access log line has ${ASSUMED.accessLogBytes} bytes, Lambda's own lines of an invocation ${ASSUMED.platformLogBytes}; kept logs weigh ${percent(ASSUMED.logCompression)} of what came in.`,
  `A call of the payment provider is ${ASSUMED.providerBytes / 1000} KB through the NAT gateway. ${percent(ASSUMED.acrossZones)} of what goes to and from brokers crosses a zone, paid in both directions.`,
  'The month’s items, messages and logs are kept for one month, the topics’ retention and the logs’ retention; what is kept from earlier months comes on top. Index entries are left out, and so are dead letters, redeliveries and replays.',
  `Metrics are paid for each hour in which something is said of them: here, a month without a pause. API Gateway’s own, by method, are paid as metrics are; an order uses ${ASSUMED.methods} methods, with ${ASSUMED.metricsOfAMethod} each.`,
  'An event poller unit carries ten pollers. AWS puts fewer on one that is busy, and starts more pollers under load.',
  'A broker twice as large costs twice as much. A regional NAT gateway is paid by the zone, with a public address in each.',
  'Left out, as less than a dollar a month: reads of the sweeper on an idle stage, requests to keys (they are cached), requests to queues and topics of alarms. A key that rotates costs a dollar a month more after each of its first two years.',
  'Event Hubs, Redpanda or Confluent send a bill of their own, and an MSK cluster that is there already is paid by who has it: neither is in the sums. Pollers of both are taken to share units as those in one VPC do, which AWS says of a VPC only: where they do not, each event source has a unit of its own, $135 a month.',
]

export const assumptionsOfOthers: readonly string[] = [
  'The services are the same everywhere: API, tables, one invocation for each step. What differs is who coordinates, and what stands there for it. Without Kafka there are no brokers, pollers, VPC and NAT gateway.',
  'Step Functions Standard: one transition for each step and one for the start; a service is invoked and answers. A retry, a choice or a wait is one more each.',
  'Step Functions Express: one execution that lasts as long as its steps, 64 MB. It runs at least once and at most five minutes: it can neither wait for the 15 minutes that the order’s deadline allows nor be trusted to take money once without the services’ own idempotency.',
  'Lambda durable functions: an operation for the start and for each step, the messages’ bytes written and kept, one function that waits while its steps run. No one here has run them; behind a Kafka event source they stop at 15 minutes.',
  `Temporal Cloud: an action for the start, for the deadline’s timer and for each activity; the Essentials plan, at the greater of $100 and 5 %; histories fit into the 40 GB that it includes. Its workers are yours: ${ASSUMED.temporalWorkers} of ${ASSUMED.temporalWorkerCpu} vCPU and ${ASSUMED.temporalWorkerGb} GB on Fargate, enough for a few orders a second.`,
  'None of the others puts events on a log that other teams read: who wants that pays for it beside them.',
]
