import { expect } from 'vitest'

/** Every state of a Mermaid diagram has a way on, and every state but the first a way in. */
export function expectWays(drawn: string): void {
  const arrows = [...drawn.matchAll(/^ {2}(\S+) --> (\S+?)(?::|$)/gm)].map(([, from, to]) => ({ from, to }))
  for (const [, state] of drawn.matchAll(/^ {2}(\w+):/gm)) {
    expect(
      arrows.filter(({ from }) => from === state),
      `${state} leads nowhere`,
    ).not.toEqual([])
    expect(
      arrows.filter(({ to }) => to === state),
      `nothing leads to ${state}`,
    ).not.toEqual([])
  }
}
