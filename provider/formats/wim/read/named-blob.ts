import { damaged, remedyForDelta } from './damage.js'
import type { WimEntry } from './entry.js'
import type { WimBlob } from './resource-table.js'
import type { Wim } from './wim.js'

/** Longer than any reparse buffer may be ([MS-FSCC] 2.1.2.1: 16 KiB). */
const MAX_REPARSE = 64 * 1024

/** The content that an entry names by its SHA-1; undefined where it names none. @throws BLOB_MISSING */
export function blobNamed(wim: Wim, entry: WimEntry, sha1: string | undefined): WimBlob | undefined {
  if (sha1 === undefined) return undefined
  const blob = wim.blobs.get(sha1)
  if (blob) return blob
  throw damaged(
    { file: wim.name, resource: 'lookup table' },
    `the content of ${entry.path}, ${sha1}, is not in the WIM`,
    { expected: sha1, found: 'nothing', details: { path: entry.path }, ...remedyForDelta() },
    'BLOB_MISSING',
  )
}

/** The reparse buffer of an entry that has one: small enough to be read whole. @throws ARCHIVE_INVALID, BLOB_MISSING */
export function reparseBlob(wim: Wim, entry: WimEntry): WimBlob {
  const blob = blobNamed(wim, entry, entry.reparseSha1)
  if (blob && blob.size <= MAX_REPARSE) return blob
  const place = { file: wim.name, resource: 'metadata', offset: entry.offset }
  throw damaged(place, `${entry.path}: its reparse buffer has ${blob?.size ?? 0} bytes`)
}
