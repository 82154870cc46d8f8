import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, option, show, throwIfAborted } from '../../manifests/index.js'
import { closedAfter, closing } from '../io/closing/closing.js'
import { type Held, publishFiles, syncFolder } from '../io/files/durable.js'
import { unlessLost } from '../io/files/lock.js'
import { openAnew, openOwn } from '../io/files/own-file.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { sizeInWords } from '../io/files/sizes.js'
import { checkSpace } from '../io/files/space.js'
import { inWords } from '../io/files/system-errors.js'
import type { OnProgress } from '../io/progress.js'
import { Crew } from './crew.js'
import { baseOf, checkFileName, isRecoveryFile } from './file-name.js'
import { descriptionBody, mainBody, slicesOf } from './file-packets.js'
import { lockFolder } from './folder-lock.js'
import { bases } from './galois.js'
import { makePacket, RECOVERY_HEADER_BYTES, recoveryHeader } from './packet.js'
import { withProgress } from './progress.js'
import { findFiles, type Hashed, hashFiles, type ProtectedFile } from './protected-files.js'
import { type RowTarget, type SourceSlice, sumRows } from './row-sums.js'
import { planSlices, planVolumes, type SlicePlan, type Volume } from './slice-plan.js'

export interface CreateRecoveryOptions {
  /** Names of files right in the folder, where the recovery files go too. */
  files: string[]
  folder: string
  /** `base.par2`, `base.vol00+01.par2` and so on are written. */
  base: string
  /** Recovery slices for each slice, more than 0 and at most 1; 0.1 where it is not given. */
  redundancy?: number
  /** In bytes, a multiple of 4; chosen so that there are about 2000 where it is not given. */
  sliceSize?: number
  /** How large a recovery file may be, in bytes: 4294967295 for FAT32. */
  fileSizeLimit?: number
  /** Replaces recovery files of the same base. */
  force?: boolean
  signal?: AbortSignal
  onProgress?: OnProgress
}

export interface CreatedRecovery extends SlicePlan {
  setId: string
  files: { path: string; size: number }[]
  /** Names of empty files: they are left out, as other programs treat them as damaged. */
  emptyFiles: string[]
}

const CREATOR = 'containerimage'

/**
 * Makes recovery files for some files of a folder. They get their names only when all of them are complete.
 * @throws UNSAFE_NAME, PATH_NOT_FOUND, FILE_EXISTS, CANNOT_MAKE, NO_SPACE, CHANGED_MEANWHILE, INTERRUPTED
 */
export async function createRecovery(options: CreateRecoveryOptions): Promise<CreatedRecovery> {
  const { folder, base, signal } = options
  checkFileName(`${base}.par2`, 'The name of the recovery files')
  throwIfAborted(signal)
  const lock = await lockFolder(folder, signal)
  return await closing(
    () => lock.release(),
    () => createUnder(lock, options),
  )
}

async function createUnder(lock: Held, options: CreateRecoveryOptions): Promise<CreatedRecovery> {
  const { folder, base, signal, onProgress } = options
  const earlier = await earlierFiles(options)
  const found = await findFiles(folder, options.files)
  const files = found.filter(({ size }) => size > 0)
  if (files.length === 0) throw nothingToProtect(folder)
  const plan = planSlices(
    files.map(({ size }) => size),
    options.redundancy ?? 0.1,
    options.sliceSize,
  )
  const main = mainBody({ sliceSize: plan.sliceSize, fileIds: files.map(({ id }) => id) })
  const set: NewSet = { id: createHash('md5').update(main).digest('hex'), main, plan, files }
  const outputs = planOutputs(set, options)
  await checkSpace(
    folder,
    outputs.reduce((sum, { size }) => sum + size, 0),
  )
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const crew = new Crew(signal)
  const begun = new Set<string>()
  try {
    const hashing = { task: 'Hashing', label: base, total, kind: 'verified' } as const
    const hashed = await withProgress(onProgress, hashing, (onBytes) =>
      hashFiles(crew, files, plan.sliceSize, onBytes),
    )
    await writeFrames(set, outputs, hashed, begun)
    const computing = { task: 'Making recovery files', label: base, total, kind: 'copied' } as const
    await withProgress(onProgress, computing, (onBytes) =>
      writeRecovery(crew, set, outputs, { onBytes, signal }),
    )
    throwIfAborted(signal)
    await giveNames(folder, outputs, earlier, lock)
    return {
      setId: set.id,
      ...plan,
      files: outputs.map(({ path, size }) => ({ path, size })),
      emptyFiles: found.filter(({ size }) => size === 0).map(({ name }) => name),
    }
  } catch (error) {
    const remove = [...begun].map((part) => () => unlessLost(lock, () => removePath(part)))
    throw await closedAfter(error, crew, ...remove)
  } finally {
    await crew.close()
  }
}

function nothingToProtect(folder: string): ContainerImageError {
  return new ContainerImageError('CANNOT_MAKE', 'There is nothing to make recovery files for.', {
    side: 'source',
    expected: 'files with at least one byte',
    found: 'none',
    remedy: 'Name files that have content.',
    details: { path: folder },
  })
}

interface NewSet {
  id: string
  main: Buffer
  plan: SlicePlan
  files: ProtectedFile[]
}

/** A recovery file: packets about all files, recovery packets, the former repeated, and who made it. */
interface Output {
  path: string
  part: string
  size: number
  /** Where the first recovery packet is, in bytes. */
  start: number
  volume: Volume | undefined
}

async function earlierFiles({ folder, base, force }: CreateRecoveryOptions): Promise<string[]> {
  const entries = await inWords(`Reading ${folder}`, 'destination', () =>
    readdir(folder, { withFileTypes: true }),
  )
  const there = entries.filter(({ name }) => isRecoveryFile(name) && baseOf(name) === base)
  const earlier = there.map(({ name }) => name)
  const other = there.find((entry) => entry.isDirectory())
  if (other)
    throw new ContainerImageError('FILE_EXISTS', `${show(other.name)} is a folder.`, {
      side: 'destination',
      expected: 'no file of this name, or recovery files',
      found: 'a folder',
      remedy: `Rename it, or choose another ${option('path')}.`,
    })
  if (earlier.length === 0 || force) return earlier
  throw new ContainerImageError(
    'FILE_EXISTS',
    `There are recovery files of the name ${show(base)} already.`,
    {
      side: 'destination',
      found: earlier.slice(0, 3).join(', '),
    },
  )
}

function planOutputs(set: NewSet, { folder, base, fileSizeLimit }: CreateRecoveryOptions): Output[] {
  const { plan } = set
  const critical = criticalPackets(set, undefined).length
  const creator = creatorPacket(set).length
  const recoveryPacket = RECOVERY_HEADER_BYTES + plan.sliceSize
  const limit = fileSizeLimit === undefined ? {} : { limit: fileSizeLimit }
  const volumes = planVolumes(base, plan.recoverySlices, {
    critical: 2 * critical + creator,
    recoveryPacket,
    ...limit,
  })
  const output = (name: string, size: number, volume?: Volume): Output => {
    if (fileSizeLimit !== undefined && size > fileSizeLimit)
      throw new ContainerImageError('CANNOT_MAKE', `${name} would be larger than files may be.`, {
        side: 'destination',
        expected: `at most ${sizeInWords(fileSizeLimit)}`,
        found: sizeInWords(size),
        remedy: 'Choose larger slices, or allow larger files.',
      })
    const file = path.join(folder, name)
    return { path: file, part: `${file}.part`, size, start: critical, volume }
  }
  return [
    output(`${base}.par2`, critical + creator),
    ...volumes.map((volume) =>
      output(volume.name, 2 * critical + creator + volume.count * recoveryPacket, volume),
    ),
  ]
}

/** Everything needed to know which files there are; without hashes it has the same length, for planning. */
function criticalPackets({ id, main, plan, files }: NewSet, hashed: Map<string, Hashed> | undefined): Buffer {
  const packets = [makePacket('main', id, main)]
  for (const file of files) {
    const { md5, checksums } = hashed?.get(file.id) ?? {
      md5: '0'.repeat(32),
      checksums: Buffer.alloc(slicesOf(file.size, plan.sliceSize) * 20),
    }
    packets.push(makePacket('description', id, descriptionBody({ ...file, md5 })))
    packets.push(makePacket('checksums', id, Buffer.concat([Buffer.from(file.id, 'hex'), checksums])))
  }
  return Buffer.concat(packets)
}

function creatorPacket({ id }: NewSet): Buffer {
  return makePacket('creator', id, Buffer.from(CREATOR, 'latin1'))
}

async function writeFrames(
  set: NewSet,
  outputs: Output[],
  hashed: Map<string, Hashed>,
  begun: Set<string>,
): Promise<void> {
  const critical = criticalPackets(set, hashed)
  const creator = creatorPacket(set)
  for (const { part, size, volume } of outputs)
    await inWords(`Writing ${part}`, 'destination', async () => {
      const file = await openAnew(part)
      begun.add(part)
      try {
        await file.write(critical, 0, critical.length, 0)
        const end = volume ? Buffer.concat([critical, creator]) : creator
        await file.write(end, 0, end.length, size - end.length)
      } finally {
        await file.close()
      }
    })
}

async function writeRecovery(
  crew: Crew,
  set: NewSet,
  outputs: Output[],
  options: { signal?: AbortSignal; onBytes(count: number): void },
): Promise<void> {
  const { sliceSize } = set.plan
  const targets = outputs.flatMap((output) => recoveryTargets(output, sliceSize))
  if (targets.length === 0) return
  const exponents = targets.map((_, exponent) => exponent)
  const sources = slicesInOrder(set)
  const md5s = await sumRows(crew, { sliceSize, sources, exponents, targets, setId: set.id, ...options })
  for (const { part, start, volume } of outputs) {
    if (!volume) continue
    await inWords(`Writing ${part}`, 'destination', async () => {
      const file = await openOwn(part)
      try {
        for (let i = 0; i < volume.count; i++) {
          const md5 = Buffer.from(md5s[volume.first + i] ?? [])
          const header = recoveryHeader(set.id, volume.first + i, sliceSize, md5)
          await file.write(header, 0, header.length, start + i * (RECOVERY_HEADER_BYTES + sliceSize))
        }
      } finally {
        await file.close()
      }
    })
  }
}

function recoveryTargets({ part, start, volume }: Output, sliceSize: number): RowTarget[] {
  return Array.from({ length: volume?.count ?? 0 }, (_, i) => ({
    path: part,
    position: start + i * (RECOVERY_HEADER_BYTES + sliceSize) + RECOVERY_HEADER_BYTES,
    length: sliceSize,
  }))
}

function slicesInOrder({ files, plan: { sliceSize, slices } }: NewSet): SourceSlice[] {
  const list = bases(slices)
  let next = 0
  return files.flatMap(({ path, size }) =>
    Array.from({ length: slicesOf(size, sliceSize) }, (_, i) => ({
      path,
      position: i * sliceSize,
      length: Math.min(sliceSize, size - i * sliceSize),
      into: { base: list[next++] ?? 0 },
    })),
  )
}

/** The index comes last, so that a set that has one is whole. */
async function giveNames(folder: string, outputs: Output[], earlier: string[], lock: Held): Promise<void> {
  const [index, ...volumes] = outputs
  await inWords(`Writing to ${folder}`, 'destination', async () => {
    await publishFiles(
      [...volumes, ...(index ? [index] : [])].map(({ part, path }) => ({ from: part, to: path })),
      lock,
    )
    const made = new Set(outputs.map((output) => path.basename(output.path)))
    const old = earlier.filter((name) => !made.has(name))
    for (const name of old) {
      await lock.check()
      await removePath(path.join(folder, name))
    }
    if (old.length > 0) await syncFolder(folder)
  })
}
