import { describe, expect, it } from 'vitest'
import { createAvailability } from '../../../localstack/runtime/availability.ts'

const state = (promise: Promise<void>) =>
  Promise.race([promise.then(() => 'resolved'), new Promise(resolve => setImmediate(resolve, 'waiting'))])

describe('the availability of the servers', () => {
  it('holds who needs them until all are back', async () => {
    const servers = createAvailability()
    expect(await state(servers.serversUp())).toBe('resolved')
    servers.lost('Kafka')
    servers.lost('DynamoDB Local')
    const waiting = servers.serversUp()
    servers.back('Kafka')
    expect(servers.isDown('DynamoDB Local')).toBe(true)
    expect(await state(waiting)).toBe('waiting')
    servers.back('DynamoDB Local')
    await waiting
    expect(servers.allUp()).toBe(true)
  })

  it('lets everybody go when everything is being stopped', async () => {
    const servers = createAvailability()
    servers.lost('Kafka')
    const waiting = servers.serversUp()
    servers.release()
    await waiting
    expect(await state(servers.serversUp())).toBe('resolved')
    expect(servers.released()).toBe(true)
  })
})
