import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../../', import.meta.url))
const PREFIX = 'checked:'

/** A function's entry that checks tokens itself, for a REST API that has no authorizer. `entry`: from the repository's root. */
export const checkedEntry = (entry: string) => `${PREFIX}${entry}`

/** What such an entry is: the handler as it is, within the check. */
export const checkedEntries: Plugin = {
  name: 'checked-entries',
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${PREFIX}`) }, ({ path }) => ({
      path: path.slice(PREFIX.length),
      namespace: 'checked',
    }))
    build.onLoad({ filter: /.*/, namespace: 'checked' }, ({ path }) => ({
      contents: `
        import { handler as unchecked } from './${path}'
        import { checked } from './localstack/docker/token-check.ts'
        export const handler = checked(unchecked)`,
      loader: 'ts',
      resolveDir: root,
    }))
  },
}
