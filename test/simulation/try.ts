import { seeded } from './random.ts'
import { runOrders } from './order-world.ts'
const from = Number(process.argv[2] ?? 1), to = Number(process.argv[3] ?? from)
const t = performance.now()
let bad = 0
for (let seed = from; seed <= to; seed++) {
  const wrong = await runOrders(seeded(seed), { orders: 8, moves: 1500, ...(from === to && { trace: (l: string) => console.log(l) }) })
  if (wrong.length) { bad++; console.log('seed', seed, wrong.slice(0, 6)) ; if (bad > 5) break }
}
console.log({ bad, runs: to - from + 1, ms: performance.now() - t })
