import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { type Digest, isDigest } from '../../manifests/index.js'
import { type Held, replaceFile } from '../io/files/durable.js'
import { readDocument } from '../io/files/read-document.js'
import { isMarks, type Marks } from './file-marks.js'
import { isJudgement, type Judgement } from './judged-layers.js'
import type { Places } from './places.js'

/** What a store keeps, beside its layout, about the blobs whose bytes were checked. */
export const CHECKED_FILE = 'checked.json'
/** A store with a million blobs needs less. */
const MOST_BYTES = 256 * 1024 * 1024

/** What is kept about the blobs of a store. */
export interface CheckedContent {
  /** For blobs whose bytes were right: the marks that their files had. */
  blobs: Map<Digest, Marks>
  /** For layers: the total size of the files in them. */
  unpacked: Map<Digest, number>
  /** For layers: what they were found to be. */
  judged: Map<Digest, ReadonlySet<Judgement>>
}

/** If it cannot be read, or is not as we write it, it counts as empty: then more is hashed. */
export async function readChecked({ root }: Places): Promise<CheckedContent> {
  const nothing = { blobs: new Map(), unpacked: new Map(), judged: new Map() }
  try {
    const file = path.join(root, CHECKED_FILE)
    if (!(await lstat(file)).isFile()) return nothing
    const text = (await readDocument(file, MOST_BYTES)).toString('utf8')
    const { checkedVersion, blobs, unpacked, judged } = JSON.parse(text) as Record<string, unknown>
    if (checkedVersion !== 1) return nothing
    return {
      blobs: new Map(Object.entries(blobs as object).filter(isEntry)),
      // Older versions did not write these.
      unpacked: new Map(Object.entries((unpacked ?? {}) as object).filter(isSize)),
      judged: new Map(Object.entries((judged ?? {}) as object).flatMap(judgedEntry)),
    }
  } catch {
    return nothing
  }
}

function isEntry(entry: [string, unknown]): entry is [Digest, Marks] {
  return isDigest(entry[0]) && isMarks(entry[1])
}

function isSize(entry: [string, unknown]): entry is [Digest, number] {
  return isDigest(entry[0]) && Number.isSafeInteger(entry[1]) && Number(entry[1]) >= 0
}

function judgedEntry([digest, found]: [string, unknown]): [Digest, ReadonlySet<Judgement>][] {
  return isDigest(digest) && Array.isArray(found) && found.every(isJudgement)
    ? [[digest, new Set(found)]]
    : []
}

export async function writeChecked(
  { root }: Places,
  { blobs, unpacked, judged }: CheckedContent,
  lock: Held,
): Promise<void> {
  const lists = new Map([...judged].map(([digest, found]) => [digest, [...found].sort()]))
  const document = {
    checkedVersion: 1,
    blobs: inOrder(blobs),
    unpacked: inOrder(unpacked),
    judged: inOrder(lists),
  }
  await replaceFile(path.join(root, CHECKED_FILE), Buffer.from(`${JSON.stringify(document)}\n`), { lock })
}

function inOrder<T>(values: ReadonlyMap<Digest, T>): Record<Digest, T> {
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
}
