import { describe, expect, it } from 'vitest'
import { variables } from '../../../localstack/runtime/settings.ts'
import { readStartOptions } from '../../../localstack/start-options.ts'

/** What was read, or how it ended, with what was printed. */
function read(...args: string[]) {
  let out = ''
  let err = ''
  try {
    return {
      options: readStartOptions(args, { out: text => void (out += text), err: text => void (err += text) }),
      out,
      err,
    }
  } catch (error) {
    return { exitCode: (error as { exitCode: number }).exitCode, out, err }
  }
}

describe('npm start --', () => {
  it('places orders and stays up, unless told', () => {
    expect(read().options).toEqual({ once: false, watch: false, permissions: false, demo: true })
    expect(read('--watch', '--no-demo', '--permissions').options).toEqual({
      once: false,
      watch: true,
      permissions: true,
      demo: false,
    })
    expect(read('--once').options).toMatchObject({ once: true, demo: true })
  })

  it('--help names every option and every variable with its default, and is no error', () => {
    const { exitCode, out, err } = read('--help')
    expect(exitCode).toBe(0)
    expect(err).toBe('')
    for (const option of ['--once', '--watch', '--no-demo', '--permissions']) expect(out).toContain(option)
    for (const { name, description, byDefault } of variables()) {
      expect(description).not.toBe('')
      expect(out).toMatch(new RegExp(`^  ${name} +${description.slice(0, 10)}`, 'm'))
      if (byDefault) expect(out).toContain(`(default: ${byDefault})`)
    }
    expect(out).toContain('PORT')
  })

  it.each([
    ['--wach', '--watch'],
    ['--nodemo', '--no-demo'],
    ['--ones', '--once'],
    ['--permission', '--permissions'],
  ])('refuses %s and names %s', (wrong, nearest) => {
    const { exitCode, err } = read(wrong)
    expect(exitCode).toBe(1)
    expect(err).toContain(wrong)
    expect(err).toContain(nearest)
  })

  it.each([
    [['--once', '--watch'], '--watch'],
    [['--once', '--no-demo'], '--no-demo'],
    [['--no-demo', '--once'], '--no-demo'],
    [['watch'], 'watch'],
  ])('refuses %j, which cannot be meant', (args, named) => {
    const { exitCode, err } = read(...args)
    expect(exitCode).toBe(1)
    expect(err).toContain(named)
  })
})
