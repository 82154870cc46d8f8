import { existsSync } from 'node:fs'
import { command } from '../../../manifests/index.js'
import { isMedia } from '../../formats/media/media.js'
import type { Context } from '../../session/context.js'
import { requiredSigners } from '../required/required-signers.js'

/** Whether this is the first install into its store, is from a media, and is not checked for signatures. */
export async function isFirstUnchecked(context: Context, targets: readonly string[]): Promise<boolean> {
  const { places } = await context.store()
  if (existsSync(places.indexFile) || (await requiredSigners(context.options)).needed > 0) return false
  const medias = await Promise.all(targets.map((target) => isMedia(target).catch(() => false)))
  return medias.includes(true)
}

/** Says, once per store, that no signature was checked. */
export function tellUnchecked(context: Context): void {
  context.note(
    `No key is trusted yet, so nobody checked who made the media. To have that checked from now on, use ${command('trust', 'add', 'KEY')}.`,
  )
}
