import { BLOBS_FOLDER, DELTA_FILE, INDEX_FILE, LAYOUT_FILE, printable } from '../../../manifests/index.js'
import { checkPortable, unsafe } from '../../archives/members/member-names.js'
import type { Member, Members } from '../../archives/members/members.js'
import { isBlobName } from './blob-links.js'

/** Files that programs put beside a layout: docker's and containerd's manifest.json, docker's repositories. */
const BESIDE = new Set([LAYOUT_FILE, INDEX_FILE, 'manifest.json', 'repositories', DELTA_FILE])

/** `ingest` is where a layout keeps blobs while they come in (containerd, BuildKit and our own store). */
const FOLDERS = new Set([BLOBS_FOLDER, `${BLOBS_FOLDER}/sha256`, `${BLOBS_FOLDER}/sha512`, 'ingest'])

/**
 * Looks at every member of an archive that holds a layout. The layout's own members must be files and
 * folders; if links or devices take their place, or if links lead out, the archive is refused
 * (CVE-2020-27833, CVE-2026-23745 and their kin). Other files, such as a README or what macOS adds, are never
 * read.
 * @param listed other files that belong there, by their names
 * @returns a note on the other files, if there are any
 * @throws UNSAFE_NAME
 */
export async function checkLayoutMembers(
  members: Members,
  listed: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const others: string[] = []
  for (const member of await members.list()) {
    checkPortable(member.name, members.label)
    if (isOfLayout(member.name)) checkKind(member, members.label)
    else if (standsFor(member.name))
      throw unsafe(member.name, members.label, `a ${member.kind} of another name`)
    else if (member.kind === 'other' || leadsOut(member))
      throw unsafe(member.name, members.label, `a ${member.kind}`)
    else if (member.kind !== 'folder' && !listed.has(member.name)) others.push(member.name)
  }
  return others.length === 0 ? [] : [ignoredNote(members.label, others)]
}

/** Whether a name is one of a layout's own files and folders. */
export function isOfLayout(name: string): boolean {
  return BESIDE.has(name) || FOLDERS.has(name) || isBlobName(name)
}

/**
 * Whether some file system would take another name for one of the layout's: in other letter case, or as the
 * short name that Windows gives it (CVE-2021-37712 and its kin).
 */
function standsFor(name: string): boolean {
  const folded = name.normalize('NFC').toLowerCase()
  const parts = name.split('/')
  const isInOtherLetters = parts[0] !== BLOBS_FOLDER && folded.split('/')[0] === BLOBS_FOLDER
  const isFolderOfBlobs =
    FOLDERS.has(folded.split('/').slice(0, 2).join('/')) && !FOLDERS.has(parts.slice(0, 2).join('/'))
  return (
    isBlobName(folded) ||
    BESIDE.has(folded) ||
    isInOtherLetters ||
    isFolderOfBlobs ||
    parts.some((part) => SHORT_NAME.test(part))
  )
}

const SHORT_NAME = /^[^.]{1,6}~\d+(\.[^.]{0,3})?$/

function checkKind({ name, kind }: Member, archive: string): void {
  const expected = FOLDERS.has(name) ? 'folder' : 'file'
  if (kind !== expected) throw unsafe(name, archive, `a ${kind}`)
}

/** By its target alone: nobody follows it. */
function leadsOut({ name, kind, target = '' }: Member): boolean {
  if (kind !== 'link' && kind !== 'hard-link') return false
  if (target.startsWith('/') || /^[A-Za-z]:|\\/.test(target)) return true
  let depth = kind === 'link' ? name.split('/').length - 1 : 0
  return target.split('/').some((part) => {
    if (part === '..') depth--
    else if (part !== '' && part !== '.') depth++
    return depth < 0
  })
}

const SHOWN = 5

/** The note that other files are there, and not read. */
export function ignoredNote(archive: string, names: string[]): string {
  const some = names.slice(0, SHOWN).map(printable).join(', ')
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${printable(archive)}: what is not part of its images is not read: ${some}${more}.`
}
