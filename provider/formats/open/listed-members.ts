import { createHash } from 'node:crypto'
import {
  ContainerImageError,
  INDEX_FILE,
  LAYOUT_FILE,
  LIMITS,
  MEDIA_FILE,
  PAGE_FILE,
  SUMS_FILE,
  signedFile,
} from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { collect } from '../../copy/read-verified.js'
import { mediaLists } from '../media/lists.js'

/**
 * The files that a packed media has beside its layout, as its list names them; none where it is not a media. An
 * index that is not the listed one is refused, as it says which image a name means.
 * @throws FILE_CHANGED, INVALID_DOCUMENT
 */
export async function listedFiles(members: Members): Promise<Set<string>> {
  const lists = await mediaLists(members)
  if (!lists) return new Set()
  if (lists.refusal) throw lists.refusal
  const files = lists.list?.files ?? []
  const signatures = (await members.list())
    .map(({ name }) => name)
    .filter((name) => signedFile(name) === SUMS_FILE)
  for (const { path, sha256 } of files) {
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
  return new Set([MEDIA_FILE, SUMS_FILE, PAGE_FILE, ...signatures, ...files.map(({ path }) => path)])
}
