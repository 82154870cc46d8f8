import { type MediaList, printable } from '../../../manifests/index.js'
import type { FinishedMedia } from '../../formats/media/finish.js'
import type { Context } from '../../session/context.js'
import type { MediaSummary } from './request.js'

export function mediaSummary(root: string, { images, files }: MediaList): MediaSummary {
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const artifacts = images.filter(({ kind }) => kind !== undefined).length
  const counts = { images: images.length - artifacts, artifacts: artifacts > 0 ? artifacts : undefined }
  return { path: root, ...counts, files: files.length, size }
}

/**
 * Reports other files on a media. An unlisted file may be something for the reviewer of the media to find: it
 * is not added to the list. Files that somebody made for the old lists are of no use any more.
 */
export function tellBesides(context: Context, { extra, stale }: FinishedMedia): void {
  const others = extra.filter((file) => !stale.includes(file))
  if (others.length > 0) context.note(`Not of this media, and not in its list: ${someOf(others)}.`)
  if (stale.length > 0)
    context.note(`To be made again, as the lists of the media have changed: ${someOf(stale)}.`)
}

function someOf(files: string[]): string {
  const more = files.length > 5 ? ` and ${files.length - 5} more` : ''
  return `${files.slice(0, 5).map(printable).join(', ')}${more}`
}
