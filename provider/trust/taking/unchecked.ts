import { existsSync } from 'node:fs'
import path from 'node:path'
import { command } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import type { Context } from '../../session/context.js'
import { policyOf } from '../policy/policy.js'
import { trustFolder } from '../trusted/seen-marks.js'

/** That a user was told. */
const TOLD_FILE = 'told'

/** Tells a user once that no signatures are checked, where that is so. Where that cannot be kept, they are told again. */
export async function tellUnchecked(context: Context): Promise<void> {
  const file = path.join(trustFolder(), TOLD_FILE)
  if (existsSync(file) || (await policyOf(context.options)).needed > 0) return
  context.note(
    `Nobody is trusted yet, so that no signature is asked for: what comes in is what the media says. To have it checked: ${command('trust', 'add', 'KEY')}`,
  )
  if (context.options.whatIf) return
  try {
    await makeFolder(trustFolder(), 0o700)
    await replaceFile(file, new Uint8Array(), { mode: 0o600 })
  } catch {
    // A user whose folder cannot be written is told each time.
  }
}
