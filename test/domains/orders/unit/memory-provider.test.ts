import { memoryProvider } from '../../../../localstack/sandbox/memory-provider.ts'
import { providerContract } from '../provider-contract.ts'

providerContract('memory', async () => {
  const provider = memoryProvider()
  return {
    provider,
    setMode: async mode => provider.setMode(mode),
    charges: async () => provider.charges(),
  }
})
