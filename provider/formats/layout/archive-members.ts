import { BLOBS_FOLDER, DELTA_FILE, INDEX_FILE, isDigest, LAYOUT_FILE } from '../../../manifests/index.js'
import { checkPortable, unsafe } from '../../archives/members/member-names.js'
import type { Members } from '../../archives/members/members.js'

/** Files that programs put beside a layout: docker's and containerd's manifest.json, docker's repositories. */
const BESIDE = new Set([LAYOUT_FILE, INDEX_FILE, 'manifest.json', 'repositories', DELTA_FILE])

/** `ingest` is what a layout has beside its blobs while they come in (containerd, BuildKit and our own store). */
const FOLDERS = new Set([BLOBS_FOLDER, `${BLOBS_FOLDER}/sha256`, `${BLOBS_FOLDER}/sha512`, 'ingest'])

/**
 * Refuses an archive that holds anything but a layout: no links, no devices, no other files and folders. What
 * is not on the list cannot surprise anyone (CVE-2020-27833, CVE-2026-23745 and their kin).
 * @param also other files that may be there, by their names
 * @throws UNSAFE_NAME
 */
export async function checkLayoutMembers(
  members: Members,
  also: ReadonlySet<string> = new Set(),
): Promise<void> {
  const folders = foldersOf(also)
  for (const { name, kind } of await members.list()) {
    checkPortable(name, members.label)
    if (kind !== 'file' && kind !== 'folder') throw unsafe(name, members.label, `a ${kind}`)
    const isKnown =
      kind === 'folder' ? FOLDERS.has(name) || folders.has(name) : isLayoutFile(name) || also.has(name)
    if (!isKnown) throw unsafe(name, members.label, `a ${kind} of another name`)
  }
}

function foldersOf(files: ReadonlySet<string>): Set<string> {
  const folders = new Set<string>()
  for (const file of files)
    for (let at = file.indexOf('/'); at >= 0; at = file.indexOf('/', at + 1)) folders.add(file.slice(0, at))
  return folders
}

function isLayoutFile(name: string): boolean {
  const [folder, algorithm, hex, ...more] = name.split('/')
  if (BESIDE.has(name)) return true
  return folder === BLOBS_FOLDER && more.length === 0 && isDigest(`${algorithm}:${hex}`)
}
