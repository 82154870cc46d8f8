import { createHash } from 'node:crypto'
import {
  ContainerImageError,
  INDEX_FILE,
  LAYOUT_FILE,
  LIMITS,
  MEDIA_FILE,
  type MediaList,
  parseMediaList,
  SUMS_FILE,
} from '../../manifests/index.js'
import type { Members } from '../members/members.js'
import { parsed } from '../verified/documents.js'
import { collect } from '../verified/read-verified.js'

/** The list of a media that was packed as a whole; undefined where the members are no media. @throws INVALID_DOCUMENT */
export async function mediaListOf(members: Members): Promise<MediaList | undefined> {
  if ((await members.find(MEDIA_FILE))?.kind !== 'file') return undefined
  const bytes = await collect(members.read(MEDIA_FILE), LIMITS.indexBytes, members.label)
  return parsed(`${members.label}, ${MEDIA_FILE}`, () => parseMediaList(bytes))
}

/**
 * The files that a packed media has beside its layout, as its list names them; none where it is no media. An
 * index that is not the listed one is refused, as it says which image a name means.
 * @throws FILE_CHANGED, INVALID_DOCUMENT
 */
export async function listedFiles(members: Members): Promise<Set<string>> {
  const list = await mediaListOf(members)
  if (!list) return new Set()
  for (const { path, sha256 } of list.files) {
    if (path !== INDEX_FILE && path !== LAYOUT_FILE) continue
    const bytes = await collect(members.read(path), LIMITS.indexBytes, members.label)
    const found = createHash('sha256').update(bytes).digest('hex')
    if (found !== sha256)
      throw new ContainerImageError(
        'FILE_CHANGED',
        `${members.label}: ${path} is not the file that the list names.`,
        {
          side: 'source',
          expected: `SHA-256 ${sha256}`,
          found,
          details: { path },
        },
      )
  }
  return new Set([MEDIA_FILE, SUMS_FILE, ...list.files.map(({ path }) => path)])
}
