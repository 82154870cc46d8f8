import { existsSync } from 'node:fs'
import { command } from '../../../manifests/index.js'
import type { Context } from '../../session/context.js'
import { policyOf } from '../policy/policy.js'

/** Whether what is installed now is the first in its store, and nobody asks who signed it. */
export async function isFirstUnchecked(context: Context): Promise<boolean> {
  const { places } = await context.store()
  return !existsSync(places.indexFile) && (await policyOf(context.options)).needed === 0
}

/** Says, at the first install into a store, that no signature was checked. */
export function tellUnchecked(context: Context): void {
  context.note(
    `No key is trusted yet, so no signature is checked. To have the files signed by a key checked from now on, use ${command('trust', 'add', 'KEY')}.`,
  )
}
