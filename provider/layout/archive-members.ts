import { BLOBS_FOLDER, INDEX_FILE, isDigest, LAYOUT_FILE } from '../../manifests/index.js'
import { checkPortable, unsafe } from '../members/member-names.js'
import type { Members } from '../members/members.js'

/** Files that programs put beside a layout: docker's and containerd's manifest.json, docker's repositories. */
const BESIDE = new Set([LAYOUT_FILE, INDEX_FILE, 'manifest.json', 'repositories'])

/**
 * Refuses an archive that holds anything but a layout: no links, no devices, no other files. What is not on
 * the list cannot surprise anyone (CVE-2020-27833, CVE-2026-23745 and their kin).
 * @throws UNSAFE_NAME
 */
export async function checkLayoutMembers(members: Members): Promise<void> {
  for (const member of await members.list()) {
    checkPortable(member.name, members.label)
    if (member.kind === 'folder') continue
    if (member.kind !== 'file' || !isLayoutFile(member.name)) throw unsafe(member.name, members.label)
  }
}

function isLayoutFile(name: string): boolean {
  const [folder, algorithm, hex, ...more] = name.split('/')
  if (BESIDE.has(name)) return true
  return folder === BLOBS_FOLDER && more.length === 0 && isDigest(`${algorithm}:${hex}`)
}
