import { type OsRelease, parseOsRelease } from '../../../names/os-release.js'
import type { WimEntry } from '../read/entry.js'
import { readBlobs } from '../read/read-blobs.js'
import type { Wim } from '../read/wim.js'

const PLACES = ['etc/os-release', 'usr/lib/os-release']
const LIMIT = 64 * 1024

/** What a Linux system says about itself; nothing if it says nothing. */
export async function readOsRelease(wim: Wim, root: WimEntry): Promise<OsRelease> {
  for (const place of PLACES) {
    const blob = wim.blobs.get(entryAt(root, place)?.sha1 ?? '')
    if (!blob || blob.size > LIMIT) continue
    let text = ''
    for await (const { bytes } of readBlobs([blob], { workers: 0 })) text += bytes.toString('utf8')
    return parseOsRelease(text)
  }
  return {}
}

/** The file of a path; undefined where there is none, or a link. */
function entryAt(root: WimEntry, path: string): WimEntry | undefined {
  let entry: WimEntry | undefined = root
  for (const name of path.split('/')) entry = entry?.children?.find((child) => child.name === name)
  return entry?.isReparsePoint ? undefined : entry
}
