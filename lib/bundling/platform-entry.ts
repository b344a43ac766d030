import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PLATFORM = /^(\.\/)?lambdas\/platform\/[^/]+\/handler\.ts$/

/**
 * A platform function is given the catalog's services and sagas, as the environment chooses them: it knows neither the
 * list nor what can be chosen of it. So the list may import what such a function is, and no two files import each other.
 */
export const platformEntries: Plugin = {
  name: 'platform-entries',
  setup(build) {
    build.onResolve({ filter: PLATFORM }, ({ path, kind, namespace }) =>
      kind === 'entry-point' || namespace === 'checked'
        ? { path: path.replace('./', ''), namespace: 'platform' }
        : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'platform' }, ({ path }) => ({
      contents: `
        import { readChosen } from './lambdas/engine/adapters/lambda/environment.ts'
        import { choices, servicesAndSagasFor } from './lambdas/catalog.ts'
        import { handlerFor } from './${path}'
        export const handler = handlerFor(servicesAndSagasFor(readChosen(choices)))`,
      loader: 'ts',
      resolveDir: root,
    }))
  },
}
