import { ContainerImageError, hasCode } from '../../../../manifests/index.js'
import { damaged, remedyForDelta } from './damage.js'
import type { WimEntry } from './entry.js'
import { HEADER_SIZE } from './header.js'
import { type IntegrityTable, readIntegrityTable } from './integrity.js'
import { hasLargeChunks } from './large-chunks.js'
import { type WimTree, walkTree } from './metadata.js'
import { decoderFor, type InnerOptions, isLast, type ReadOptions, readRuns } from './read-blobs.js'
import type { WimBlob } from './resource-table.js'
import { Turns } from './turns.js'
import { readTree, type Wim } from './wim.js'

export interface WimReport {
  /** How many blobs were read, and how many bytes they have. */
  blobs: number
  bytes: number
  /** How many parts have an integrity table, which was then checked. */
  integrityTables: number
  /** All that is wrong, up to a limit: damaged blobs, trees, pieces of the integrity table. */
  problems: ContainerImageError[]
}

const MAX_PROBLEMS = 1000

/**
 * Reads every blob, every tree and every integrity table of a WIM and lists what is wrong. Throws only what
 * is not the WIM's fault: INTERRUPTED, or that a file cannot be read.
 */
export async function verifyWim(wim: Wim, options: ReadOptions = {}): Promise<WimReport> {
  const report: WimReport = { blobs: 0, bytes: 0, integrityTables: 0, problems: [] }
  const inTrees: ContainerImageError[] = []
  const inBlobs: ContainerImageError[] = []
  const decoder = decoderFor(options)
  const inner = { ...options, decoder }
  try {
    const tables = await readTables(wim, report)
    const pieces = tables.flatMap((table) => integrityPieces(table))
    const borrowedBefore = wim.borrowed.length
    const blobs = [...pieces, ...wim.blobs.values()]
    const reading = readAll(blobs, new Set(pieces), inner, report, inBlobs)
    if (options.workers === 0 || hasLargeChunks(wim)) {
      await reading
      // Large chunks and trees are not in memory at the same time.
      if (options.workers !== 0) await decoder.close()
      await checkTrees(wim, { signal: options.signal, workers: 0 }, inTrees)
    } else {
      reading.catch(() => {})
      await checkTrees(wim, inner, inTrees)
      await reading
    }
    const borrowed = wim.borrowed.slice(borrowedBefore)
    if (borrowed.length > 0) {
      const again = { ...options, workers: 0, decoder: undefined }
      await readAll(borrowed, new Set(), again, report, inBlobs)
    }
  } finally {
    await decoder.close()
  }
  report.problems = [...report.problems, ...inTrees, ...inBlobs].slice(0, MAX_PROBLEMS)
  return report
}

async function readTables(wim: Wim, report: WimReport): Promise<IntegrityTable[]> {
  const tables: IntegrityTable[] = []
  for (const part of wim.parts) {
    try {
      const table = await readIntegrityTable(part)
      if (table) tables.push(table)
    } catch (error) {
      addProblem(report.problems, error)
    }
  }
  report.integrityTables = tables.length
  return tables
}

/** The pieces of an integrity table in the form of blobs, so that they are hashed as those are. */
function integrityPieces({ part, chunkSize, end, hashes }: IntegrityTable): WimBlob[] {
  return hashes.map((sha1, i) => {
    const offset = HEADER_SIZE + i * chunkSize
    const size = Math.min(chunkSize, end - offset)
    const resource = {
      ...{ part, form: 'plain' as const, offset, size, originalSize: size },
      ...{ compression: 'none' as const, chunkSize: 0 },
    }
    return { sha1, size, references: 1, resource, offset: 0, part, position: offset }
  })
}

async function checkTrees(
  wim: Wim,
  { signal, decoder }: InnerOptions,
  problems: ContainerImageError[],
): Promise<void> {
  for (const { index } of wim.images) {
    try {
      await checkBlobs(wim, index, await readTree(wim, index, { signal, decoder }), problems, signal)
    } catch (error) {
      addProblem(problems, error)
    }
  }
}

/** Whether everything that the tree refers to is there. */
async function checkBlobs(
  wim: Wim,
  index: number,
  tree: WimTree,
  problems: ContainerImageError[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const reported = new Set<string>()
  const check = (entry: WimEntry, sha1: string | undefined) => {
    if (sha1 === undefined || wim.blobs.has(sha1) || reported.has(sha1)) return
    reported.add(sha1)
    const place = { file: wim.name, resource: `metadata of image ${index}`, offset: entry.offset }
    const what = `${entry.path}: its content ${sha1} is not in the WIM`
    addProblem(problems, damaged(place, what, { expected: sha1, ...remedyForDelta() }, 'BLOB_MISSING'))
  }
  const checkAll = (entry: WimEntry) => {
    check(entry, entry.sha1)
    check(entry, entry.reparseSha1)
    for (const stream of entry.namedStreams) check(entry, stream.sha1)
  }
  checkAll(tree.root)
  const turns = new Turns(signal)
  let done = 0
  for (const entry of walkTree(tree.root)) {
    checkAll(entry)
    done += 1 + entry.namedStreams.length
    if (turns.isOver(done)) await turns.pass()
  }
}

async function readAll(
  blobs: WimBlob[],
  integrity: Set<WimBlob>,
  options: InnerOptions,
  report: WimReport,
  problems: ContainerImageError[],
): Promise<void> {
  const onDamage = (error: Error, blob: WimBlob) =>
    addProblem(problems, integrity.has(blob) ? integrityError(blob, error) : error)
  for await (const { pieces } of readRuns(blobs, { ...options, onDamage }))
    for (const piece of pieces) {
      if (integrity.has(piece.blob)) continue
      report.bytes += piece.size
      if (isLast(piece)) report.blobs++
    }
}

function integrityError({ resource, size, sha1 }: WimBlob, cause: Error): Error {
  const found = cause instanceof ContainerImageError ? cause.found : undefined
  return damaged(
    { file: resource.part.name, resource: 'integrity table', offset: resource.offset },
    `the ${size} bytes from ${resource.offset} on are not those that were written`,
    { expected: sha1, found, cause },
    'DIGEST_MISMATCH',
  )
}

function addProblem(problems: ContainerImageError[], error: unknown): void {
  if (!hasCode(error, 'ARCHIVE_INVALID', 'DIGEST_MISMATCH', 'UNSAFE_NAME', 'BLOB_MISSING')) throw error
  if (problems.length < MAX_PROBLEMS) problems.push(error)
}
