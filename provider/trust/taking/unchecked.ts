import { existsSync } from 'node:fs'
import { command } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import { policyOf } from '../policy/policy.js'

/** Says at the first install into a store that no signature is checked, where that is so. */
export async function tellUnchecked(context: Context): Promise<void> {
  const { places } = await context.store()
  if (existsSync(places.indexFile) || (await policyOf(context.options)).needed > 0) return
  context.note(
    `No key is trusted yet, so no signature is checked. To have the files signed by a key checked from now on, use ${command('trust', 'add', 'KEY')}.`,
  )
}
