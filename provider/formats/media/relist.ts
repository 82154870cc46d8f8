import { existsSync } from 'node:fs'
import path from 'node:path'
import { MEDIA_FILE } from '../../../manifests/index.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { finishMedia } from './finish.js'
import { whileListing } from './lock.js'
import { besidesBefore, openMedia } from './media.js'

/**
 * Makes new lists for a media after its names were changed like those of a store; otherwise whoever gets it
 * would think it damaged. A store that is not a media is left as it is.
 */
export async function relistMedia(
  root: string,
  { hasher, signal }: { hasher: Hasher; signal?: AbortSignal | undefined },
): Promise<void> {
  if (!existsSync(path.join(root, MEDIA_FILE))) return
  const media = await openMedia(root)
  await whileListing(media, signal, async (lock) => {
    await finishMedia(media, { hasher, besides: await besidesBefore(root), lock, signal })
  })
}
