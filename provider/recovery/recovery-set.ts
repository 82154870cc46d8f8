import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError } from '../../manifests/index.js'
import { listFolder } from '../io/files/list-folder.js'
import { inWords } from '../io/files/system-errors.js'
import type { Crew } from './crew.js'
import { baseOf, checkDistinct, checkFileName, isRecoveryFile } from './file-name.js'
import {
  CHECKSUM_BYTES,
  type FileDescription,
  type Main,
  parseDescription,
  parseMain,
  slicesOf,
} from './file-packets.js'
import { LIMITS } from './limits.js'
import type { CriticalPacket, RecoveryPacket, Scan } from './scanned-packets.js'

/** A set as its recovery files describe it, as far as these are intact. */
export interface RecoverySet {
  id: string
  folder: string
  sliceSize: number
  files: SetFile[]
  /** All slices of all files. */
  slices: number
  /** By exponent. */
  recovery: Map<number, RecoverySlice>
  /** Names of recovery files of which a part is damaged. */
  damagedRecoveryFiles: string[]
  /** Other sets in the same folder, or mixed into the same files; they are ignored. */
  otherSets: { setId: string; files: string[] }[]
}

export interface SetFile extends FileDescription {
  /** The number of its first slice in the set. */
  firstSlice: number
  slices: number
  /** MD5 and CRC-32 of each slice; undefined where no packet with them is intact. */
  checksums: Buffer | undefined
}

export interface RecoverySlice {
  path: string
  position: number
}

interface Scanned extends Scan {
  path: string
}

/**
 * Reads the recovery files of a set.
 * @param target a recovery file, meaning all with the same base name; or a folder, meaning all in it
 * @throws PATH_NOT_FOUND, UNSAFE_NAME, ARCHIVE_INVALID where too little is intact to know the files
 */
export async function readSet(crew: Crew, target: string): Promise<RecoverySet> {
  const { folder, paths } = await findRecoveryFiles(target)
  const scanned = await Promise.all(
    paths.map(async (file): Promise<Scanned> => {
      return { path: file, ...(await crew.run({ type: 'scan', path: file })) }
    }),
  )
  const id = chooseSet(scanned, target)
  const main = mainOf(scanned, id, target)
  const files = filesOf(scanned, id, main, target)
  return {
    id,
    folder,
    sliceSize: main.sliceSize,
    files,
    slices: files.reduce((sum, { slices }) => sum + slices, 0),
    recovery: recoveryOf(scanned, id, main),
    damagedRecoveryFiles: scanned.filter(({ intact }) => !intact).map((file) => path.basename(file.path)),
    otherSets: otherSets(scanned, id),
  }
}

async function findRecoveryFiles(target: string): Promise<{ folder: string; paths: string[] }> {
  const stats = await inWords(`Reading ${target}`, 'source', () => stat(target))
  const folder = stats.isDirectory() ? target : path.dirname(target)
  const entries = await listFolder(folder)
  const names = entries
    .filter((entry) => entry.isFile() && isRecoveryFile(entry.name))
    .map(({ name }) => name)
  const base = baseOf(path.basename(target))
  const chosen = stats.isDirectory() ? names : names.filter((name) => baseOf(name) === base)
  const paths = new Set(chosen.sort().map((name) => path.join(folder, name)))
  if (!stats.isDirectory()) paths.add(target)
  if (paths.size > 0) return { folder, paths: [...paths] }
  throw new ContainerImageError('PATH_NOT_FOUND', `${target} holds no recovery files.`, {
    side: 'source',
    expected: 'files with the ending .par2',
    found: 'none',
  })
}

/** The set that is in most of the files; of two, that of the first. */
function chooseSet(scanned: Scanned[], target: string): string {
  const counts = new Map<string, number>()
  for (const file of scanned)
    for (const id of setsIn(file)) if (hasMain(scanned, id)) counts.set(id, (counts.get(id) ?? 0) + 1)
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  if (first) return first[0]
  throw invalid(target, 'a packet that describes the set', 'none that is intact')
}

function setsIn({ critical, recovery }: Scan): Set<string> {
  return new Set([...critical, ...recovery].map(({ setId }) => setId))
}

function hasMain(scanned: Scanned[], id: string): boolean {
  return packets(scanned, id, 'main').length > 0
}

function packets(scanned: Scanned[], id: string, kind: CriticalPacket['kind']): Buffer[] {
  return scanned.flatMap(({ critical }) =>
    critical
      .filter((packet) => packet.setId === id && packet.kind === kind)
      .map(({ body }) => Buffer.from(body.buffer, body.byteOffset, body.byteLength)),
  )
}

function mainOf(scanned: Scanned[], id: string, target: string): Main {
  for (const body of packets(scanned, id, 'main')) {
    const main = parseMain(body)
    if (main) return main
  }
  throw invalid(target, 'a description of the set that PAR 2.0 allows', 'another')
}

function filesOf(scanned: Scanned[], id: string, main: Main, target: string): SetFile[] {
  const described = new Map<string, FileDescription>()
  for (const body of packets(scanned, id, 'description')) {
    const file = parseDescription(body)
    if (file && !described.has(file.id)) described.set(file.id, file)
  }
  const checksums = new Map<string, Buffer>()
  for (const body of packets(scanned, id, 'checksums'))
    checksums.set(body.toString('hex', 0, 16), body.subarray(16))
  let firstSlice = 0
  const files = main.fileIds.map((fileId): SetFile => {
    const file = described.get(fileId)
    if (!file) throw invalid(target, `descriptions of ${main.fileIds.length} files`, `${described.size}`)
    const slices = slicesOf(file.size, main.sliceSize)
    const list = checksums.get(fileId)
    const usable = list?.length === slices * CHECKSUM_BYTES ? list : undefined
    const placed = { ...file, firstSlice, slices, checksums: usable }
    firstSlice += slices
    return placed
  })
  if (firstSlice > LIMITS.slices) throw invalid(target, `at most ${LIMITS.slices} slices`, `${firstSlice}`)
  const where = `The recovery file ${path.basename(target)}`
  for (const { name } of files) checkFileName(name, where)
  const names = files.map(({ name }) => name)
  checkDistinct(names, where)
  return files
}

function recoveryOf(scanned: Scanned[], id: string, { sliceSize }: Main): Map<number, RecoverySlice> {
  const found = new Map<number, RecoverySlice>()
  const fits = (packet: RecoveryPacket): boolean => packet.setId === id && packet.size === sliceSize
  for (const { path, recovery } of scanned)
    for (const packet of recovery)
      if (fits(packet) && !found.has(packet.exponent))
        found.set(packet.exponent, { path, position: packet.position })
  return new Map([...found].sort(([a], [b]) => a - b))
}

function otherSets(scanned: Scanned[], id: string): RecoverySet['otherSets'] {
  const files = new Map<string, string[]>()
  for (const file of scanned)
    for (const setId of setsIn(file))
      if (setId !== id) files.set(setId, [...(files.get(setId) ?? []), path.basename(file.path)])
  return [...files].map(([setId, names]) => ({ setId, files: names }))
}

function invalid(target: string, expected: string, found: string): ContainerImageError {
  return new ContainerImageError('ARCHIVE_INVALID', `${target} is not a recovery file that can be used.`, {
    side: 'source',
    expected,
    found,
    remedy: 'Bring the other recovery files of the set, or make new ones from the original files.',
  })
}
