import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, isDigest } from '../../manifests/index.js'
import { type Held, replaceFile } from '../io/files/durable.js'
import { readDocument } from '../io/files/read-document.js'
import { isMarks, type Marks } from './file-marks.js'
import type { Places } from './places.js'

/** What a store keeps, beside its layout, about the blobs whose bytes were checked. */
export const CHECKED_FILE = 'checked.json'
/** A store with a million blobs needs less. */
const MOST_BYTES = 256 * 1024 * 1024

/** If it cannot be read, or is not as we write it, it counts as empty: then more is hashed. */
export async function readChecked({ root }: Places): Promise<Map<Digest, Marks>> {
  try {
    const file = path.join(root, CHECKED_FILE)
    if (!(await lstat(file)).isFile()) return new Map()
    const text = (await readDocument(file, MOST_BYTES)).toString('utf8')
    const { checkedVersion, blobs } = JSON.parse(text) as Record<string, unknown>
    if (checkedVersion !== 1) return new Map()
    return new Map(Object.entries(blobs as object).filter(isEntry))
  } catch {
    return new Map()
  }
}

function isEntry(entry: [string, unknown]): entry is [Digest, Marks] {
  return isDigest(entry[0]) && isMarks(entry[1])
}

export async function writeChecked(
  { root }: Places,
  blobs: ReadonlyMap<Digest, Marks>,
  lock: Held,
): Promise<void> {
  const sorted = [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))
  const document = { checkedVersion: 1, blobs: Object.fromEntries(sorted) }
  await replaceFile(path.join(root, CHECKED_FILE), Buffer.from(`${JSON.stringify(document)}\n`), { lock })
}
