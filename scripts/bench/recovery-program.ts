import { readdirSync } from 'node:fs'
import path from 'node:path'
import { createRecovery, repair } from '../../provider/recovery/index.js'

/**
 * The part of recovery files that is measured, as a process of its own: `create` or `repair`, a folder, and a
 * percentage.
 */
const [what, folder = '', percent = ''] = process.argv.slice(2)

if (what === 'create') {
  const files = readdirSync(folder).filter((name) => name.endsWith('.bin'))
  await createRecovery({ files, folder, base: 'set', redundancy: Number(percent) / 100 })
} else await repair(path.join(folder, 'set.par2'))
