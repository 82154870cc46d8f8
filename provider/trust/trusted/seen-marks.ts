import path from 'node:path'
import { Findings, LIMITS, parseObject } from '../../../manifests/index.js'
import { makeFolder, replaceFile } from '../../io/files/durable.js'
import { takeLock } from '../../io/files/lock.js'
import { documentThere } from '../../io/files/read-document.js'
import { inWords } from '../../io/files/system-errors.js'
import { dataFolder } from '../../session/settings/store-location.js'

/** The highest sequence number that was seen for an image's name, by the id of the key that signed it. */
export type SeenMarks = ReadonlyMap<string, ReadonlyMap<string, number>>

/** One number that was seen. */
export interface Seen {
  keyId: string
  name: string
  sequence: number
}

/** Where this user's marks are kept; other users may neither read nor change them. */
function trustFolder(): string {
  return path.join(dataFolder(), 'trust')
}

function marksFile(): string {
  return path.join(trustFolder(), 'seen.json')
}

/** @throws INVALID_DOCUMENT if the file is damaged: treating it as empty would let old media in */
export async function readMarks(): Promise<SeenMarks> {
  const file = marksFile()
  const bytes = await documentThere(file, LIMITS.indexBytes)
  return bytes ? parseMarks(bytes, file) : new Map()
}

export function highestSeen(marks: SeenMarks, keyId: string, name: string): number {
  return marks.get(keyId)?.get(name.toLowerCase()) ?? -1
}

/** Raises marks, and never lowers one. */
export async function raiseMarks(seen: readonly Seen[]): Promise<void> {
  await changeMarks((marks) => {
    let isHigher = false
    for (const { keyId, name, sequence } of seen) {
      const ofKey = marks.get(keyId) ?? new Map<string, number>()
      if (sequence <= (ofKey.get(name.toLowerCase()) ?? -1)) continue
      marks.set(keyId, ofKey.set(name.toLowerCase(), sequence))
      isHigher = true
    }
    return isHigher
  })
}

/** Forgets what was seen of a key: whoever trusts it again starts afresh. */
export async function forgetMarks(keyId: string): Promise<void> {
  if ((await readMarks()).has(keyId)) await changeMarks((marks) => marks.delete(keyId))
}

async function changeMarks(change: (marks: Map<string, Map<string, number>>) => boolean): Promise<void> {
  const file = marksFile()
  await inWords(`Making ${trustFolder()}`, 'destination', () => makeFolder(trustFolder(), 0o700))
  const lock = await takeLock(`${file}.lock`)
  try {
    const marks = new Map([...(await readMarks())].map(([id, ofKey]) => [id, new Map(ofKey)]))
    if (!change(marks)) return
    const text = JSON.stringify(
      Object.fromEntries([...marks].map(([id, ofKey]) => [id, Object.fromEntries(ofKey)])),
    )
    const bytes = Buffer.from(`${text}\n`)
    await inWords(`Writing ${file}`, 'destination', () => replaceFile(file, bytes, { mode: 0o600, lock }))
  } finally {
    await lock.release()
  }
}

function parseMarks(bytes: Uint8Array, file: string): SeenMarks {
  const object = parseObject(bytes, `file ${file}`, LIMITS.indexBytes)
  const findings = new Findings(`file ${file}`)
  const marks = new Map<string, Map<string, number>>()
  for (const [id, ofKey] of Object.entries(object)) {
    const entries = Object.entries(ofKey === null || typeof ofKey !== 'object' ? {} : ofKey)
    const wrong = entries.find(([, sequence]) => !Number.isSafeInteger(sequence))
    if (entries.length === 0 || wrong) findings.add(id, 'names with a number each', ofKey)
    marks.set(id, new Map(entries))
  }
  findings.throwIfAny()
  return marks
}
