import { createHash } from 'node:crypto'
import type { Wim } from '../read/wim.js'
import type { PlacedImage } from './choose-images.js'

/** Increased whenever the same WIM would give other bytes than before. */
const LAYER_FORM = 2

/**
 * Names everything that a layer's bytes depend on: where each blob is in which part, its size and SHA-1,
 * those of the trees, which images are taken, and how. Two WIMs with the same identity give the same layer.
 */
export function layerIdentity(wim: Wim, images: readonly PlacedImage[], choices: readonly string[]): string {
  const hash = createHash('sha256')
  hash.update(`containerimage wim layer ${LAYER_FORM}\n${choices.join(' ')}\n`)
  for (const { info, prefix } of images)
    hash.update(`image ${prefix} ${wim.metadata[info.index - 1]?.sha1 ?? ''}\n`)
  const lines: string[] = []
  for (const { sha1, size, offset, part, position } of wim.blobs.values()) {
    if (lines.length === 1000) hash.update(lines.splice(0).join(''))
    lines.push(`${sha1} ${size} ${offset} ${part.place} ${position}\n`)
  }
  hash.update(lines.join(''))
  return `wim:${hash.digest('hex')}`
}
