import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { DEBIAN_FOLDER } from '../test/fixtures/debian.js'
import { PEERS, peer } from '../test/peers/peers.js'
import { chosenTests } from './test/chosen-tests.js'

/** Runs the whole test suite, or the named parts of it, in parallel; what several tests need is made once. */
const { specs, options, unknown } = chosenTests(process.argv.slice(2))
if (unknown.length > 0) {
  console.error(`There is no test for ${unknown.join(', ')}.`)
  process.exit(2)
}
const missing = PEERS.filter((name) => peer(name) === undefined)
for (const name of missing)
  console.log(`Peer ${name} is not on this machine: the tests that need it are skipped.`)
if (missing.length > 0 && process.env.REQUIRE_PEERS) {
  console.error(`REQUIRE_PEERS is set and ${missing.length} peers are missing.`)
  process.exit(1)
}

const shared = mkdtempSync(path.join(os.tmpdir(), 'containerimage-fixtures-'))
const mocha = path.join('node_modules', 'mocha', 'bin', 'mocha.js')
const MOST_JOBS = 6
/**
 * One more than there are processors, as tests often wait for a peer or for the disk; each takes most of a gigabyte.
 */
const jobs = `--jobs=${Math.min(os.availableParallelism() + 1, MOST_JOBS)}`
const env = {
  ...process.env,
  [DEBIAN_FOLDER]: shared,
  CONTAINERIMAGE_CONFIG_DIR: path.join(shared, 'settings'),
  // What is kept about registries and layers would pass from one run to the next, and be among the user's own data.
  XDG_DATA_HOME: path.join(shared, 'data'),
  LOCALAPPDATA: path.join(shared, 'data'),
}

// The base system takes longest to make; it is made while the tests that do not need it are running.
const child = spawn(process.execPath, [mocha, '--exit', jobs, ...options, ...specs], {
  stdio: 'inherit',
  env,
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => {
  remove(shared)
  process.exit(signal ? 1 : (code ?? 1))
})

/** A root filesystem may contain folders that only their owner can enter. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true })
  } catch {
    spawnSync('chmod', ['-R', 'u+rwX', folder])
    rmSync(folder, { recursive: true, force: true })
  }
}
