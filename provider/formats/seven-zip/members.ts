import path from 'node:path'
import { ContainerImageError, throwIfAborted } from '../../../manifests/index.js'
import { HARMLESS_BYTES, MOST_RATIO } from '../../archives/members/compression.js'
import { folderMembers } from '../../archives/members/folder.js'
import type { Member, Members } from '../../archives/members/members.js'
import { indexOf } from '../../archives/members/tar-index.js'
import { makeScratch, type Scratch, type ScratchPlace } from '../../io/files/scratch.js'
import { checkSpace } from '../../io/files/space.js'
import type { OnProgress } from '../../io/progress.js'
import { inPlace } from './in-place.js'
import { listSevenZip } from './listing.js'
import { wholeSevenZip } from './parts.js'
import { unpack } from './unpack.js'

export interface SevenZipOptions {
  /** The place in which the members are unpacked. */
  scratch?: ScratchPlace
  signal?: AbortSignal
  onProgress?: OnProgress
}

/** Documents, which are read to find out what there is; anything larger is unpacked only when it is read. */
const SMALL_BYTES = 4 * 1024 * 1024

/**
 * The members of a 7z. If it is a single file and not compressed, they are read in place. Otherwise they are unpacked
 * into a private folder, the documents first and everything else when the first of the rest is asked for; the folder is
 * removed when the members are closed.
 * @throws ARCHIVE_INVALID, UNSAFE_NAME, VOLUME_MISSING, NO_SPACE, PROGRAM_MISSING
 */
export async function sevenZipMembers(file: string, options: SevenZipOptions): Promise<Members> {
  const { first, size, packedBytes } = await wholeSevenZip(file)
  const index = await listSevenZip(first, options.signal)
  const files = [...index.values()].filter(({ kind }) => kind === 'file')
  refuseBomb(file, size, files)
  const lying = packedBytes === undefined ? undefined : await inPlace(first, index, packedBytes)
  if (lying) return lying
  const scratch = await makeScratch(options.scratch)
  const work: Work = { archive: first, label: file, scratch, options }
  const small = files.filter((member) => member.size <= SMALL_BYTES)
  const large = files.filter((member) => member.size > SMALL_BYTES)
  const parts = [unpackedOnce(work, 'documents', small), unpackedOnce(work, 'blobs', large)] as const
  const placeOf = async (name: string): Promise<Members> =>
    await parts[indexOf(index, name, file).size <= SMALL_BYTES ? 0 : 1]()
  return {
    label: file,
    forwardOnly: false,
    find: async (name) => index.get(name),
    list: async () => [...index.values()],
    async *read(name, readOptions) {
      yield* (await placeOf(name)).read(name, readOptions)
    },
    locate: async (name) => await (await placeOf(name)).locate(name),
    position: () => 0,
    close: () => scratch.remove(),
  }
}

interface Work {
  archive: string
  label: string
  scratch: Scratch
  options: SevenZipOptions
}

function unpackedOnce(work: Work, name: string, wanted: Member[]): () => Promise<Members> {
  let unpacked: Promise<Members> | undefined
  return () => {
    unpacked ??= unpackInto(work, name, wanted)
    return unpacked
  }
}

async function unpackInto(work: Work, name: string, wanted: Member[]): Promise<Members> {
  const { archive, label, scratch, options } = work
  const { signal, onProgress } = options
  throwIfAborted(signal)
  const folder = path.join(scratch.path, name)
  const total = wanted.reduce((sum, { size }) => sum + size, 0)
  await checkSpace(folder, total)
  const task = `Unpacking ${path.basename(label)}`
  const isLong = total > HARMLESS_BYTES / 16
  if (isLong) onProgress?.({ type: 'begin', task, total })
  if (isLong) onProgress?.({ type: 'blob', id: folder, label: path.basename(label), size: total })
  let told = 0
  const onPercent = (percent: number): void => {
    const count = Math.floor((total * percent) / 100) - told
    if (!isLong || !(count > 0)) return
    told += count
    onProgress?.({ type: 'bytes', id: folder, count, kind: 'verified' })
  }
  try {
    await unpack(archive, label, wanted, folder, { onPercent, signal })
  } finally {
    if (isLong) onProgress?.({ type: 'blob-end', id: folder })
    if (isLong) onProgress?.({ type: 'end', task })
  }
  return folderMembers(folder, { mayTake: name === 'blobs' })
}

function refuseBomb(label: string, size: number, files: Member[]): void {
  const total = files.reduce((sum, member) => sum + member.size, 0)
  if (total <= HARMLESS_BYTES || total <= size * MOST_RATIO) return
  throw new ContainerImageError('ARCHIVE_INVALID', `${label} grows beyond all measure when it is unpacked.`, {
    side: 'source',
    expected: `at most ${MOST_RATIO} times its compressed size`,
    found: `${total} bytes of ${size}`,
    remedy: 'Do not trust it; if you know what is in it, unpack it first.',
  })
}
