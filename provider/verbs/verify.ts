import path from 'node:path'
import { BLOBS_FOLDER, ContainerImageError, hasCode, INDEX_FILE, LAYOUT_FILE } from '../../manifests/index.js'
import { type Context, inContext } from '../context/context.js'
import { defined } from '../context/defined.js'
import { layoutSource } from '../layout/source.js'
import { isMedia } from '../media/media.js'
import { readHead } from '../members/compression.js'
import { folderMembers } from '../members/folder.js'
import type { Members } from '../members/members.js'
import { type InnerFile, innerFile, inTermsOf, isPackedFile, namedByArchive } from '../open/inner-file.js'
import { isWimFile } from '../open/is-wim-file.js'
import { refuseNested } from '../open/nested.js'
import { openWithMembers } from '../open/open-path.js'
import type { VerifyRequest, VerifyResult } from '../requests.js'
import { problemOf } from '../verify/problems.js'
import { verifyCollection } from '../verify/verify-collection.js'
import { verifyLayout } from '../verify/verify-layout.js'
import { withMediaList } from '../verify/verify-media.js'
import { verifyVolumes } from '../verify/verify-volumes.js'
import { findSet } from '../volumes/volume-set.js'
import { scratchOf } from './open-options.js'

/**
 * Reads every byte of archives, folders, or of the store where none is named, and lists all that is wrong.
 * What is wrong with the images is in the result; only what keeps it from reading is thrown.
 * @throws PATH_NOT_FOUND, INTERRUPTED, PERMISSION_DENIED
 */
export async function verify(request: VerifyRequest = {}): Promise<VerifyResult> {
  return await inContext(request, async (context) => {
    const paths = request.paths ?? []
    if (paths.length === 0) return await verifyStore(context)
    const total: VerifyResult = { ok: true, blobs: 0, bytes: 0, problems: [] }
    for (const file of paths) {
      if (request.repair && !request.whatIf) await repairAt(context, path.resolve(file), total)
      add(total, await reported(file, () => verifyPath(context, file)))
    }
    return total
  })
}

/** Repairs what recovery files in a folder, or beside a file, are for; too few of them are one more problem. */
async function repairAt(context: Context, place: string, total: VerifyResult): Promise<void> {
  const { repairBeside } = await import('./repair-beside.js')
  try {
    total.repaired = [...(total.repaired ?? []), ...(await repairBeside(context, place))]
  } catch (error) {
    if (!hasCode(error, 'RECOVERY_INSUFFICIENT')) throw error
    add(total, { ok: false, blobs: 0, bytes: 0, problems: [problemOf(error, { path: place })] })
  }
}

function add(total: VerifyResult, one: VerifyResult): void {
  total.ok &&= one.ok
  total.blobs += one.blobs
  total.bytes += one.bytes
  total.problems.push(...one.problems)
  if (one.plain) total.plain = [...(total.plain ?? []), ...one.plain]
  if (one.leftOut) {
    const { blobs, bytes } = total.leftOut ?? { blobs: 0, bytes: 0 }
    total.leftOut = { blobs: blobs + one.leftOut.blobs, bytes: bytes + one.leftOut.bytes }
  }
}

async function verifyStore(context: Context): Promise<VerifyResult> {
  const { places } = await context.store()
  const members = folderMembers(places.root)
  if (await isNew(members)) return { ok: true, blobs: 0, bytes: 0, problems: [] }
  return await reported(places.root, async () =>
    verifyLayout(await layoutSource(members, 'store'), members, hashOptions(context)),
  )
}

/** There is no store yet, or a run was killed while it made one: blobs come after the index. */
async function isNew(members: Members): Promise<boolean> {
  if (!(await members.find(LAYOUT_FILE))) return true
  if (await members.find(INDEX_FILE)) return false
  return !(await members.list()).some(
    ({ name, kind }) => kind === 'file' && name.startsWith(`${BLOBS_FOLDER}/`),
  )
}

async function verifyPath(context: Context, file: string): Promise<VerifyResult> {
  if (await isWimFile(file)) {
    const { verifyWimFile } = await import('../verify/verify-wim.js')
    const { signal, onProgress } = context.options
    return await verifyWimFile(path.resolve(file), defined({ signal, onProgress }))
  }
  const set = await findSet(path.resolve(file))
  if (set) return await verifyVolumes(set, hashOptions(context))
  const { signal, onProgress } = context.options
  const options = { scratch: scratchOf(context), ...defined({ signal, onProgress }) }
  const inner = await innerFile(path.resolve(file), options)
  if (inner) return await verifyInner(context, file, inner)
  const { collection, members, isPacked } = await openWithMembers(path.resolve(file), options)
  try {
    if (members && collection.format.startsWith('OCI')) {
      const how = { ...hashOptions(context), concurrency: collection.concurrency }
      if (isPacked) {
        const { throughSums, withOtherFiles } = await import('../verify/verify-packed.js')
        const found = await verifyLayout(collection, throughSums(members), how)
        return await withOtherFiles(members, found, signal)
      }
      const result = await verifyLayout(collection, members, how)
      return (await isMedia(file))
        ? await withMediaList(path.resolve(file), result, hashOptions(context))
        : result
    }
    return await verifyCollection(collection, hashOptions(context))
  } finally {
    await collection.close()
  }
}

/** What is wrong is told of the archive in the zip or 7z, not of the place where it was unpacked. */
async function verifyInner(context: Context, file: string, inner: InnerFile): Promise<VerifyResult> {
  try {
    const start = await readHead(inner.path, 8)
    if (isPackedFile(inner.path, start)) refuseNested(inner.path)
    const result = await verifyPath(context, inner.path)
    const named = (text: string): string => inTermsOf(text, inner.path, file)
    const problems = result.problems.map((problem) => ({
      ...problem,
      message: named(problem.message),
      ...(problem.path === undefined ? {} : { path: named(problem.path) }),
    }))
    return { ...result, problems }
  } catch (error) {
    throw namedByArchive(error, inner.path, file)
  } finally {
    await inner.close()
  }
}

function hashOptions(context: Context) {
  const { signal, onProgress } = context.options
  return { hasher: context.hasher, concurrency: 4, ...defined({ signal, onProgress }) }
}

/** A place that cannot even be opened is one problem of the report, unless it is not there at all. */
async function reported(file: string, check: () => Promise<VerifyResult>): Promise<VerifyResult> {
  try {
    return await check()
  } catch (error) {
    if (
      !(error instanceof ContainerImageError) ||
      hasCode(error, 'PATH_NOT_FOUND', 'INTERRUPTED', 'PERMISSION_DENIED')
    )
      throw error
    return { ok: false, blobs: 0, bytes: 0, problems: [problemOf(error, { path: file })] }
  }
}
