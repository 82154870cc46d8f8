import path from 'node:path'
import { printable } from '../../manifests/index.js'
import type { MediaSummary } from '../../provider/index.js'
import { counted } from './counted.js'
import { fromHere } from './from-here.js'
import { size } from './sizes.js'

/** What a media holds now, and where its page is. */
export function mediaLines(media: MediaSummary): string[] {
  const where = printable(fromHere(media.path))
  const artifacts = media.artifacts ? `, ${counted(media.artifacts, 'artifact')}` : ''
  return [
    `Media ${where}: ${counted(media.images, 'image')}${artifacts}, ${counted(media.files, 'file')}, ${size(media.size)}`,
    `  its page is ${printable(path.join(where, 'index.html'))}`,
  ]
}
