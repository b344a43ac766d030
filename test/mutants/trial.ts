/**
 * Runs inside a copy: `node trial.ts <seeds> <world>…`. Says on its standard output, one JSON a line, that it has loaded,
 * and then what broke first, or that nothing did. Anything else that it does (an error, no end) is a broken mutant.
 */
import type { TrialResult } from './run.ts'
import { replayOf, violationsIn, type World } from './worlds.ts'

const [seeds, ...worlds] = process.argv.slice(2)
const say = (outgoing: TrialResult) => void process.stdout.write(`${JSON.stringify(outgoing)}\n`)

say({ kind: 'loaded' })
say(await search())

async function search(): Promise<TrialResult> {
  for (let seed = 1; seed <= Number(seeds); seed++)
    for (const world of worlds as World[]) {
      const violations = await violationsIn(world, seed)
      // That something threw says least of all.
      const violation = violations.find(({ invariant }) => invariant !== 'no-bug') ?? violations[0]
      if (violation) return { kind: 'violated', seed, world, violation, replay: replayOf(world, seed) }
    }
  return { kind: 'held' }
}
