import { join } from 'node:path'
import { classPathOf, fetchProgram } from '../../localstack/servers/fetch.ts'
import { KAFKA } from '../../localstack/servers/kafka.ts'
import { findJava, run } from '../../localstack/servers/tools.ts'

/** Java's own client writes to partition 0 of the topic: see `java/Produce.java`. Throws with what it printed. */
export async function produceByJava(brokers: string, topic: string): Promise<void> {
  const java = await findJava()
  const jars = await fetchProgram(KAFKA, java)
  const file = join(import.meta.dirname, 'java', 'Produce.java')
  const { code, text } = await run(java, ['-cp', classPathOf(jars), file, brokers, topic])
  if (code !== 0) throw new Error(`Java's producer failed: ${text}`)
}
