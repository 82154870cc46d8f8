import { link, lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, show, throwIfAborted } from '../../manifests/index.js'
import { closeAll, closing } from '../io/closing/closing.js'
import { type Held, makeFolder, type Publication, publishFiles } from '../io/files/durable.js'
import { type Lock, unlessLost } from '../io/files/lock.js'
import { openAnew, openNew } from '../io/files/own-file.js'
import { readRange } from '../io/files/read-range.js'
import { removePath } from '../io/files/rename-and-remove.js'
import { hasNoSecondNames } from '../io/files/second-names.js'
import { checkSpace } from '../io/files/space.js'
import { inWords } from '../io/files/system-errors.js'
import { writeBytes } from '../io/files/write-bytes.js'
import { Crew } from './crew.js'
import { type Examined, UNFINISHED } from './examine.js'
import { lockFolder, lockFolderOf } from './folder-lock.js'
import { bases } from './galois.js'
import { type Inverted, invert } from './invert.js'
import { LIMITS } from './limits.js'
import { withProgress } from './progress.js'
import type { RecoverySet } from './recovery-set.js'
import { type RowTarget, type SourceSlice, sumRows } from './row-sums.js'
import { type RecoveryOptions, type RecoveryReport, readAndExamine, report } from './verify.js'

export interface RepairOptions extends RecoveryOptions {
  /** Keeps each damaged file as `NAME.damaged`, instead of replacing it. */
  keepDamaged?: boolean
  /** Writes what is repaired into another folder, and leaves this one as it is: a stick may be read-only. */
  into?: string
}

export interface RepairReport extends RecoveryReport {
  /** Names of the files that were made again, and of those that only got their name back. */
  repaired: string[]
  renamed: string[]
}

/**
 * Restores lost slices. Repaired files are written beside the damaged ones and take their place once all of
 * them have been compared with their MD5; until then no existing file changes.
 * @param target a recovery file or a folder with some
 * @returns how the files were before
 * @throws RECOVERY_INSUFFICIENT, PATH_NOT_FOUND, UNSAFE_NAME, ARCHIVE_INVALID, NO_SPACE, INTERRUPTED
 */
export async function repair(target: string, options: RepairOptions = {}): Promise<RepairReport> {
  const { signal, into } = options
  const crew = new Crew(signal)
  const parts: Part[] = []
  let lock: Lock | undefined
  const remove = (): Promise<void> => unlessLost(lock, () => removeParts(parts))
  return await closing([crew, remove, () => lock?.release()], async () => {
    // Before looking for damage: another process may be repairing it.
    if (into === undefined) lock = await lockFolderOf(target, signal)
    const { set, examined } = await readAndExamine(crew, target, options)
    const before = report(set, examined)
    checkSufficient(before, target)
    if (into !== undefined) lock = await lockInto(into, signal)
    parts.push(...planParts(set, examined, into ?? set.folder))
    await beginParts(set, parts, options)
    await makeLostSlices(crew, { set, examined, parts, target }, options)
    await checkParts(crew, parts, target)
    throwIfAborted(signal)
    const renamed = await giveNames(set, examined, parts, { ...options, lock })
    return { ...before, repaired: parts.map(({ examined }) => examined.file.name), renamed }
  })
}

async function lockInto(into: string, signal?: AbortSignal): Promise<Lock> {
  await inWords(`Making ${into}`, 'destination', () => makeFolder(into))
  return await lockFolder(into, signal)
}

async function removeParts(parts: Part[]): Promise<void> {
  await closeAll(
    parts.map(
      ({ part, isBegun }) =>
        () =>
          isBegun ? removePath(part) : undefined,
    ),
  )
}

/** A file that is made again. */
interface Part {
  examined: Examined
  part: string
  /** Whether there is something under the name that this run has made. */
  isBegun: boolean
}

interface Repair {
  set: RecoverySet
  examined: Examined[]
  parts: Part[]
  target: string
}

function checkSufficient(before: RecoveryReport, target: string): void {
  const { lostSlices, recoverySlices, missingRecoverySlices } = before
  const details = { path: target, lostSlices, recoverySlices, missingRecoverySlices }
  if (missingRecoverySlices > 0)
    throw new ContainerImageError(
      'RECOVERY_INSUFFICIENT',
      `${lostSlices} slices are lost, and ${recoverySlices} recovery slices are there: ${missingRecoverySlices} too few.`,
      { expected: `${lostSlices} recovery slices`, found: `${recoverySlices}`, details },
    )
  if (lostSlices > LIMITS.lostSlices)
    throw new ContainerImageError('RECOVERY_INSUFFICIENT', `${lostSlices} slices are lost at once.`, {
      expected: `at most ${LIMITS.lostSlices}`,
      found: lostSlices,
      remedy: 'Bring back some of the files from where they came from, then repair the others.',
      details,
    })
}

function planParts(set: RecoverySet, examined: Examined[], folder: string): Part[] {
  const taken = new Set(set.files.map(({ name }) => name))
  return examined
    .filter(({ condition }) => condition === 'damaged' || condition === 'missing')
    .map((one) => {
      let name = `${one.file.name}${UNFINISHED}`
      while (taken.has(name)) name = `${name}.part`
      taken.add(name)
      return { examined: one, part: path.join(folder, name), isBegun: false }
    })
}

/** Copies what there is of each file, so that only the lost slices have to be written. */
async function beginParts(set: RecoverySet, parts: Part[], { signal, into }: RepairOptions): Promise<void> {
  await checkSpace(
    into ?? set.folder,
    parts.reduce((sum, { examined }) => sum + examined.file.size, 0),
  )
  for (const one of parts) {
    const { examined, part } = one
    await inWords(`Writing ${part}`, 'destination', async () => {
      const { file, path: damaged, intact } = examined
      const handle = await openAnew(part)
      one.isBegun = true
      try {
        for (const run of damaged === undefined ? [] : intactRuns(intact)) {
          const offset = run.first * set.sliceSize
          const size = Math.min(file.size, run.end * set.sliceSize) - offset
          const bytes = readRange({ path: damaged ?? '', offset, size }, signal ? { signal } : {})
          await writeBytes(handle, bytes, offset, () => {})
        }
        await handle.truncate(file.size)
      } finally {
        await handle.close()
      }
    })
  }
}

function intactRuns(intact: Uint8Array): { first: number; end: number }[] {
  const runs: { first: number; end: number }[] = []
  for (const [slice, one] of intact.entries()) {
    if (one === 0) continue
    const last = runs.at(-1)
    if (last?.end === slice) last.end++
    else runs.push({ first: slice, end: slice + 1 })
  }
  return runs
}

async function makeLostSlices(crew: Crew, work: Repair, options: RepairOptions): Promise<void> {
  const { set, examined, parts } = work
  const { signal, onProgress } = options
  const list = bases(set.slices)
  const lost = parts.flatMap(({ examined: one }) =>
    slicesOf(one, 0).map((slice) => one.file.firstSlice + slice),
  )
  if (lost.length === 0) return
  const solution = await invert(
    lost.map((slice) => list[slice] ?? 0),
    [...set.recovery.keys()],
    signal,
  )
  if (!solution) throw unsolvable(work.target)
  const sources = [...recoverySources(set, solution), ...intactSources(set, examined, list)]
  const total = sources.reduce((sum, { length }) => sum + length, 0)
  const step = { task: 'Repairing', label: path.basename(work.target), total, kind: 'copied' } as const
  await withProgress(onProgress, step, (onBytes) =>
    sumRows(crew, {
      ...{ sliceSize: set.sliceSize, sources, targets: targetsOf(set, parts), onBytes },
      ...solution,
      signal,
    }),
  )
}

/** Numbers, in the file, of the slices that are lost (0) or intact (1). */
function slicesOf({ intact }: Examined, which: 0 | 1): number[] {
  return [...intact.keys()].filter((slice) => intact[slice] === which)
}

function recoverySources(set: RecoverySet, { exponents }: Inverted): SourceSlice[] {
  return exponents.flatMap((exponent, row) => {
    const slice = set.recovery.get(exponent)
    return slice ? [{ ...slice, length: set.sliceSize, into: { row } }] : []
  })
}

function intactSources({ sliceSize }: RecoverySet, examined: Examined[], list: Uint16Array): SourceSlice[] {
  return examined.flatMap((one) =>
    slicesOf(one, 1).map((slice) => ({
      path: one.path ?? '',
      ...extent(one, slice, sliceSize),
      into: { base: list[one.file.firstSlice + slice] ?? 0 },
    })),
  )
}

function targetsOf({ sliceSize }: RecoverySet, parts: Part[]): RowTarget[] {
  return parts.flatMap(({ examined, part }) =>
    slicesOf(examined, 0).map((slice) => ({ path: part, ...extent(examined, slice, sliceSize) })),
  )
}

function extent({ file }: Examined, slice: number, sliceSize: number): { position: number; length: number } {
  const position = slice * sliceSize
  return { position, length: Math.min(sliceSize, file.size - position) }
}

function unsolvable(target: string): ContainerImageError {
  return new ContainerImageError(
    'RECOVERY_INSUFFICIENT',
    `The recovery slices of ${target} depend on each other, and no others are there.`,
    { expected: 'one recovery slice more than slices are lost', found: 'no more' },
  )
}

async function checkParts(crew: Crew, parts: Part[], target: string): Promise<void> {
  await Promise.all(
    parts.map(async ({ examined: { file }, part }) => {
      const { md5, size } = await crew.run({ type: 'hash-file', path: part })
      if (md5 === file.md5 && size === file.size) return
      throw new ContainerImageError('DIGEST_MISMATCH', `${show(file.name)} could not be repaired.`, {
        side: 'destination',
        expected: `md5 ${file.md5}`,
        found: `md5 ${md5}`,
        remedy: 'Nothing was changed. Check the disk and the memory, then run the command again.',
        details: { path: target },
      })
    }),
  )
}

/** @returns the names of files that were there under other names */
async function giveNames(
  set: RecoverySet,
  examined: Examined[],
  parts: Part[],
  { keepDamaged, into, lock }: RepairOptions & { lock: Held | undefined },
): Promise<string[]> {
  const folder = into ?? set.folder
  const renamed = into === undefined ? examined.filter(({ condition }) => condition === 'renamed') : []
  await inWords(`Writing to ${folder}`, 'destination', async () => {
    const files: Publication[] = []
    for (const { examined: one, part } of parts) {
      const to = path.join(folder, one.file.name)
      const aside = keepDamaged && one.path === to ? await keepBeside(to) : undefined
      files.push({ from: part, to, aside })
    }
    for (const { file, path: from } of renamed)
      if (from) files.push({ from, to: path.join(set.folder, file.name), isKept: true })
    await publishFiles(files, lock)
  })
  return renamed.map(({ file }) => file.name)
}

/**
 * Keeps a file under a second name, so that it can be replaced in one step and is never without its own. A name that a
 * killed run gave it is enough.
 * @returns if the file system has no second names, the name that it is to get instead of its own
 */
async function keepBeside(place: string): Promise<string | undefined> {
  const wanted = `${place}.damaged`
  const { dev, ino } = await stat(place, { bigint: true })
  for (let name = wanted, number = 2; ; name = `${wanted}.${number++}`)
    try {
      await link(place, name)
      return undefined
    } catch (error) {
      if (hasNoSecondNames(error)) return await freeName(wanted)
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const there = await lstat(name, { bigint: true })
      if (there.dev === dev && there.ino === ino) return undefined
    }
}

/** A name that no file has; it is taken at once, so that no other is replaced. */
async function freeName(wanted: string): Promise<string> {
  for (let name = wanted, number = 2; ; name = `${wanted}.${number++}`)
    try {
      await (await openNew(name)).close()
      return name
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
}
