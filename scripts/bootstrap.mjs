// Runs one of the project's programs under Node 24, on a checkout that may have nothing installed.
// Plain JavaScript that Node 20 can read: it is the only file that runs on the host's own Node.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [program, ...args] = process.argv.slice(2)

requireHostNode()
installPackages()
run(node24())

function requireHostNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20)
    stop(`Node.js 20 or newer is needed, this is ${process.versions.node}: install it from https://nodejs.org`)
}

/** `npm ci`, once for each content of the lockfile. */
function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.recourse-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('installing packages (npm ci, about 30 s the first time) …\n')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (npm.error) stop(`npm could not be started (${npm.error.message}): it comes with Node.js`)
  if (npm.status !== 0) stop(`npm ci failed:\n${npm.stdout}${npm.stderr}`)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lock)
}

/** The host's Node if it is 24 or newer, else the one that the npm package `node` brought. */
function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  const packaged = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(packaged))
    stop(
      'Node.js 24 did not install: npm was told to skip install scripts. Run `npm ci --ignore-scripts=false`, or use Node.js 24',
    )
  return packaged
}

/** Hands over to the program: its output, its signals and its exit code are this process's own. */
function run(node) {
  const child = spawn(node, [join(root, program), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      RECOURSE_PARENT: String(process.pid),
      PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
    },
  })
  // Ctrl-C reaches the whole process group; a signal sent to this process alone is passed on.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  whenNpmIsGone(() => child.kill('SIGTERM'))
  child.on('error', error => stop(`${node} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1)))
}

/**
 * npm runs scripts by a shell that passes no signal on: who sends SIGTERM or SIGKILL to `npm start` ends npm or that shell,
 * and would leave everything else running.
 */
function whenNpmIsGone(then) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return
  const shell = process.ppid
  const npm = Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(shell)], { encoding: 'utf8' }).stdout)
  const watch = setInterval(() => {
    if (process.ppid === shell && isAlive(npm)) return
    clearInterval(watch)
    then()
  }, 250)
  watch.unref()
}

function isAlive(pid) {
  if (!(pid > 1)) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code !== 'ESRCH'
  }
}

function stop(why) {
  process.stderr.write(`recourse: ${why}\n`)
  process.exit(1)
}
