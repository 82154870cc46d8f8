import { lstat } from 'node:fs/promises'
import path from 'node:path'
import { throwIfAborted } from '../../manifests/index.js'
import { listFolder } from '../io/files/list-folder.js'
import { fromSystem } from '../io/files/system-errors.js'
import type { Crew } from './crew.js'
import { isRecoveryFile } from './file-name.js'
import { CHECKSUM_BYTES } from './file-packets.js'
import { firstMd5 } from './first-bytes.js'
import { LIMITS } from './limits.js'
import { hashSlices } from './protected-files.js'
import type { RecoverySet, SetFile } from './recovery-set.js'

/** The suffix for a file that is being repaired. */
export const UNFINISHED = '.repair.part'

/** `renamed` files are whole, under another name. */
export type FileCondition = 'whole' | 'damaged' | 'missing' | 'renamed'

export interface Examined {
  file: SetFile
  condition: FileCondition
  /** Where its bytes are; undefined where it is missing. */
  path: string | undefined
  /** 1 for each slice that is intact there. */
  intact: Uint8Array
}

export interface ExamineOptions {
  signal?: AbortSignal
  onBytes(count: number): void
}

/** Compares the files of a set with their checksums. */
export async function examine(crew: Crew, set: RecoverySet, options: ExamineOptions): Promise<Examined[]> {
  const examined = await Promise.all(
    set.files.map((file) => examineAt(crew, set, file, path.join(set.folder, file.name), options)),
  )
  if (!examined.some(({ condition }) => condition === 'missing')) return examined
  const strangers = await findStrangers(set, options.signal)
  const taken = new Set<string>()
  const found: Examined[] = []
  for (const one of examined) found.push(one.condition === 'missing' ? await findRenamed(one) : one)
  return found

  async function findRenamed(one: Examined): Promise<Examined> {
    const place = strangers.get(one.file.firstMd5)
    if (place === undefined || one.file.size === 0) return one
    const there = await examineAt(crew, set, one.file, place, options)
    // Left by a repair that was killed. It may be complete; a partial one is written again.
    if (there.condition !== 'whole' && place.endsWith(UNFINISHED)) return one
    // Of two equal files one gets its name back, and the other is copied from it.
    const renamed = there.condition === 'whole' && !taken.has(place)
    if (renamed) taken.add(place)
    return { ...there, condition: renamed ? 'renamed' : 'damaged' }
  }
}

async function examineAt(
  crew: Crew,
  set: RecoverySet,
  file: SetFile,
  place: string,
  { onBytes }: ExamineOptions,
): Promise<Examined> {
  const size = await sizeOf(place)
  const intact = new Uint8Array(file.slices)
  if (size === undefined) {
    onBytes(file.size)
    return { file, condition: 'missing', path: undefined, intact }
  }
  if (file.slices <= 1 || !file.checksums) {
    // For a single slice the checksum is that of the file, apart from padding, of which there may be much.
    const { md5 } = await crew.run({ type: 'hash-file', path: place })
    if (md5 === file.md5 && size === file.size) intact.fill(1)
    onBytes(file.size)
  } else {
    const found = await hashSlices(crew, { path: place, size: file.size }, set.sliceSize, onBytes)
    for (let slice = 0; slice < file.slices; slice++) {
      const [from, to] = [slice * CHECKSUM_BYTES, (slice + 1) * CHECKSUM_BYTES]
      intact[slice] = Number(found.compare(file.checksums, from, to, from, to) === 0)
    }
  }
  const whole = size === file.size && !intact.includes(0)
  return { file, condition: whole ? 'whole' : 'damaged', path: place, intact }
}

/** Undefined if there is no such file; anything that is not a file does not count. */
async function sizeOf(place: string): Promise<number | undefined> {
  try {
    const stats = await lstat(place)
    return stats.isFile() ? stats.size : undefined
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw fromSystem(error, `Reading ${place}`, 'source')
  }
}

/** Files of the folder that do not belong to the set, by the MD5 of their first bytes. */
async function findStrangers(set: RecoverySet, signal?: AbortSignal): Promise<Map<string, string>> {
  const names = new Set(set.files.map(({ name }) => name))
  const entries = await listFolder(set.folder)
  const strangers = new Map<string, string>()
  const isOurs = ({ name }: { name: string }): number => Number(name.endsWith(UNFINISHED))
  // What a person renamed may have more of the file than what we began.
  for (const entry of entries.slice(0, LIMITS.strangers).sort((a, b) => isOurs(a) - isOurs(b))) {
    throwIfAborted(signal)
    if (!entry.isFile() || names.has(entry.name) || isRecoveryFile(entry.name)) continue
    const place = path.join(set.folder, entry.name)
    // One that may not be read cannot be used.
    const md5 = await firstMd5(place).catch(() => undefined)
    if (md5 !== undefined && !strangers.has(md5)) strangers.set(md5, place)
  }
  return strangers
}
