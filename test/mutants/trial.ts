/**
 * Runs inside a copy: `node trial.ts <seeds> <world>…`. Says on its standard output, one JSON a line, that it has loaded,
 * and then what broke first, or that nothing did. Anything else that it does (an error, no end) is a broken mutant.
 */
import { replayOf, violationsIn, type World } from './worlds.ts'
import type { Said } from './run.ts'

const [seeds, ...worlds] = process.argv.slice(2)
const say = (said: Said) => void process.stdout.write(`${JSON.stringify(said)}\n`)

say({ kind: 'loaded' })
say(await search())

async function search(): Promise<Said> {
  for (let seed = 1; seed <= Number(seeds); seed++)
    for (const world of worlds as World[]) {
      const violations = await violationsIn(world, seed)
      if (violations.length === 0) continue
      // A decision that throws says least of all.
      const named = violations.filter(({ invariant }) => invariant !== undefined)
      const [first = violations[0]] = [...named.filter(isNoThrow), ...named]
      return { kind: 'violated', seed, world, replay: replayOf(world, seed), ...first, text: first?.text ?? '' }
    }
  return { kind: 'held' }
}

function isNoThrow({ invariant }: { invariant: string | undefined }) {
  return invariant !== 'no decision throws'
}
