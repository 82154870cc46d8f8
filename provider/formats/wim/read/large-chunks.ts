import type { Wim } from './wim.js'

/** From here on two chunks at once, beside a large tree, would take more memory than we allow ourselves. */
const LARGE_CHUNK = 16 << 20

/** Whether chunks of the WIM are so large that only a few of them fit into memory. */
export function hasLargeChunks(wim: Wim): boolean {
  for (const { resource } of wim.blobs.values())
    if (resource.form === 'solid' && resource.chunkSize > LARGE_CHUNK) return true
  return false
}
