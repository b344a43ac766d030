import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from './temporary.ts'

const started: ChildProcess[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** Another start on the folder, in a process of its own: it stays if it gets the lock, and says why if not. */
async function contend(folder: string): Promise<{ child: ChildProcess; outgoing: string }> {
  const lock = join(import.meta.dirname, '../../../localstack/state-lock.ts')
  const program = `
    import { lockState } from '${lock}'
    try {
      lockState('${folder}')
      console.log('mine')
      setInterval(() => globalThis.gc?.(), 50)
    } catch (error) {
      console.log(error.name + ': ' + error.message)
    }`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(child)
  const [outgoing] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, outgoing: outgoing.toString().trim() }
}

describe('the lock on a folder of state', () => {
  it('is had by one of several that come at the same moment, and the others are told who has it and what to do', async () => {
    const folder = join(temporaryFolder(), 'made by who comes first')
    const all = await Promise.all(Array.from({ length: 4 }, () => contend(folder)))
    const [holder, ...more] = all.filter(({ outgoing }) => outgoing === 'mine')
    expect(more).toEqual([])
    for (const { outgoing } of all.filter(each => each !== holder))
      expect(outgoing).toMatch(
        new RegExp(
          `^CannotStart: STATE_DIR ${folder} is in use by another start \\(process ${holder?.child.pid}, since \\d{4}-.*\\): end that one, or set STATE_DIR to another folder$`,
        ),
      )
  })

  it('is gone with whoever had it, killed without a word, whatever its files say', async () => {
    const folder = temporaryFolder()
    const first = await contend(folder)
    expect(first.outgoing).toBe('mine')
    first.child.kill('SIGKILL')
    await once(first.child, 'exit')
    // As if its number had gone to a process that lives.
    writeFileSync(join(folder, 'start.json'), JSON.stringify({ pid: process.pid, since: '2026-01-01' }))
    expect((await contend(folder)).outgoing).toBe('mine')
  })

  it('says that a file is no folder, and what to do', async () => {
    const file = join(temporaryFolder(), 'a file')
    writeFileSync(file, '')
    expect((await contend(file)).outgoing).toMatch(/^CannotStart: STATE_DIR .* cannot be used \(.*\): set STATE_DIR to/)
  })
})
