import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { peer } from '../../peers/peers.js'

/** The compiled tests lie in `dist`, the C file where it is written. */
const SOURCE = fileURLToPath(new URL('../../../../test/crash/injection/failing-calls.c', import.meta.url))

/** Compiles what is preloaded into a folder; its path there. */
export function compileShim(folder: string): string {
  const shim = path.join(folder, 'failing-calls.so')
  const made = spawnSync(peer('cc') ?? 'cc', ['-O1', '-shared', '-fPIC', '-o', shim, SOURCE, '-ldl'])
  if (made.status !== 0) throw new Error(`cc: ${made.stderr}`)
  return shim
}
