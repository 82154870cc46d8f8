import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, show } from '../../manifests/index.js'
import { inWords } from '../io/files/system-errors.js'
import type { Crew } from './crew.js'
import { checkDistinct, checkFileName } from './file-name.js'
import { byId, CHECKSUM_BYTES, type FileDescription, fileId, slicesOf } from './file-packets.js'
import { firstMd5 } from './first-bytes.js'

/** Slices are hashed in parts of about this many bytes, so that the threads end at about the same time. */
const PART_BYTES = 32 << 20

/** A file that recovery files are made for. */
export interface ProtectedFile extends Omit<FileDescription, 'md5'> {
  path: string
}

/**
 * Finds the files and what identifies them, in the order in which their slices are numbered.
 * @throws UNSAFE_NAME, PATH_NOT_FOUND, CANNOT_MAKE for a folder
 */
export async function findFiles(folder: string, names: string[]): Promise<ProtectedFile[]> {
  for (const name of names) checkFileName(name, 'The list of files')
  checkDistinct(names, 'The list of files')
  const files: ProtectedFile[] = []
  for (const name of names) {
    const file = path.join(folder, name)
    files.push(
      await inWords(`Reading ${file}`, 'source', async () => {
        const stats = await stat(file)
        if (!stats.isFile()) throw notAFile(name)
        const described = { name, size: stats.size, firstMd5: await firstMd5(file) }
        return { ...described, id: fileId(described), path: file }
      }),
    )
  }
  return files.sort(byId)
}

function notAFile(name: string): ContainerImageError {
  return new ContainerImageError('CANNOT_MAKE', `${show(name)} is not a file.`, {
    side: 'source',
    expected: 'files right in the folder',
    found: show(name),
    remedy: 'Put a folder into an archive first.',
  })
}

/** The MD5 of a file, in hex, and the checksums of its slices. */
export interface Hashed {
  md5: string
  checksums: Buffer
}

/**
 * Hashes files on all threads: each file as a whole on one, its slices on any.
 * @throws CHANGED_MEANWHILE
 */
export async function hashFiles(
  crew: Crew,
  files: ProtectedFile[],
  sliceSize: number,
  onBytes: (count: number) => void,
): Promise<Map<string, Hashed>> {
  // The longest first: one file is hashed as a whole on one thread only.
  const sorted = [...files].sort((a, b) => b.size - a.size)
  const hashed = await Promise.all(
    sorted.map(async (file): Promise<[string, Hashed]> => {
      const [whole, checksums] = await Promise.all([
        crew.run({ type: 'hash-file', path: file.path }),
        hashSlices(crew, file, sliceSize, onBytes),
      ])
      if (whole.size !== file.size)
        throw new ContainerImageError('CHANGED_MEANWHILE', `${file.path} changed while it was read.`, {
          side: 'source',
          expected: `${file.size} bytes`,
          found: `${whole.size} bytes`,
        })
      return [file.id, { md5: whole.md5, checksums }]
    }),
  )
  return new Map(hashed)
}

/** The checksums of all slices of a file; zeros for those that the file is too short for. */
export async function hashSlices(
  crew: Crew,
  file: { path: string; size: number },
  sliceSize: number,
  onBytes: (count: number) => void,
): Promise<Buffer> {
  const slices = slicesOf(file.size, sliceSize)
  const checksums = Buffer.alloc(slices * CHECKSUM_BYTES)
  const part = Math.max(1, Math.floor(PART_BYTES / sliceSize))
  const orders: Promise<void>[] = []
  for (let first = 0; first < slices; first += part) {
    const count = Math.min(part, slices - first)
    const order = { type: 'hash-slices', path: file.path, size: file.size, sliceSize, first, count } as const
    orders.push(
      crew.run(order).then((answer) => {
        checksums.set(answer.checksums, first * CHECKSUM_BYTES)
        onBytes(Math.min(file.size, (first + count) * sliceSize) - first * sliceSize)
      }),
    )
  }
  await Promise.all(orders)
  return checksums
}
