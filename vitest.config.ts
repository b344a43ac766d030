import { defineConfig } from 'vitest/config'

/**
 * One project a kind of test. What needs servers runs one file at a time: they share them, and the machine. What needs
 * none shares its modules: loading CDK for every file of it anew would be a third of its time.
 */
const project = (name: string, more: { seconds?: number; setup?: string; alone?: boolean } = {}) => ({
  test: {
    name,
    // What is about one domain of the product lies with it, and goes with it.
    include: [`test/${name}/**/*.test.ts`, `test/domains/*/${name}/**/*.test.ts`],
    testTimeout: (more.seconds ?? 10) * 1000,
    hookTimeout: (more.seconds ?? 10) * 1000,
    fileParallelism: !more.alone,
    isolate: more.alone ?? false,
    ...(more.setup ? { globalSetup: more.setup } : {}),
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('infra', { seconds: 60, setup: 'test/support/temporary-folder.ts' }),
      project('types', { seconds: 120 }),
      project('simulation', { seconds: 300 }),
      project('integration', { seconds: 60, setup: 'test/support/start-servers.ts', alone: true }),
      project('e2e', { seconds: 180, alone: true }),
      project('deep', { seconds: 600, alone: true }),
      project('permissions', { seconds: 600, alone: true }),
      project('outage', { seconds: 600, alone: true }),
      project('proof', { seconds: 600, alone: true }),
    ],
  },
})
