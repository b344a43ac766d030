import type { Metafile } from 'esbuild'

/**
 * Every file that an output is made of, from the repository's root: what its entry imports, directly or not. What was
 * shaken out of it counts too, since a change may bring it in. Empty for an output that the metafile does not have.
 */
export function inputsOf({ inputs, outputs }: Pick<Metafile, 'inputs' | 'outputs'>, output: string): Set<string> {
  const found = new Set<string>()
  const waiting = [outputs[output]?.entryPoint]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue
    found.add(file)
    for (const { path } of inputs[file]?.imports ?? []) waiting.push(path)
  }
  return found
}
