import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  BLOBS_FOLDER,
  ContainerImageError,
  hasCode,
  INDEX_FILE,
  LAYOUT_FILE,
  option,
} from '../../../manifests/index.js'
import { folderMembers } from '../../archives/members/folder.js'
import type { Members } from '../../archives/members/members.js'
import { absentNotes } from '../../choice/absent-notes.js'
import { refusalOf } from '../../choice/refusal.js'
import { verifyCollection } from '../../copy/check/check-collection.js'
import { problemOf } from '../../copy/check/problems.js'
import type { VerifyResult } from '../../copy/check/verify-result.js'
import type { ImageCollection } from '../../copy/ports.js'
import { verifyLayout } from '../../formats/layout/check-layout.js'
import { layoutSource } from '../../formats/layout/source.js'
import { withMediaLists } from '../../formats/media/check-media.js'
import { mediaLists } from '../../formats/media/lists.js'
import { foundAt } from '../../formats/open/found-at.js'
import { type InnerFile, inTermsOf, namedByArchive } from '../../formats/open/inner-file.js'
import { type Opened, openFound, openPacked, packedIn } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { CHECKED_FILE } from '../../store/checked-file.js'
import { type Store, storeAt } from '../../store/store.js'
import { withDecrypted } from '../../targets/decrypted.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { scratchOf } from '../../targets/open-options.js'
import { withPipes } from '../../targets/piped.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import type { VerifyReport, VerifyRequest } from './request.js'
import { withSignatures } from './signatures.js'

/**
 * Reads every byte of archives, folders, or by default the store, and lists everything that is wrong.
 * Problems of the images are in the result; only what prevents reading is thrown.
 * @throws PATH_NOT_FOUND, INTERRUPTED, PERMISSION_DENIED
 */
export async function verify(request: VerifyRequest = {}): Promise<VerifyReport> {
  return await withPipes(request, request.paths ?? [], async (paths, rest) => {
    const total: VerifyReport = { ok: true, blobs: 0, bytes: 0, problems: [] }
    // Recovery files are for the bytes as they are, even if encrypted.
    if (request.repair && !request.whatIf) await repairAll(rest, paths, total)
    add(total, await withDecrypted(rest, paths, (words, plain) => verifyAll({ ...plain, paths: words })))
    return total
  })
}

async function verifyAll(request: VerifyRequest): Promise<VerifyReport> {
  return await inContext(request, async (context) => {
    const paths = request.paths ?? []
    if (paths.length === 0) return await verifyStore(context)
    const total: VerifyReport = { ok: true, blobs: 0, bytes: 0, problems: [] }
    const { words, beside, unneeded } = await wimCompanions(paths, request.ref)
    const onUsed = (file: string): unknown => context.usedFiles.add(file)
    const verifyOne = async (file: string, isInFolder: boolean): Promise<void> =>
      add(
        total,
        await reported(
          file,
          async () =>
            withSignatures(context, file, await verifyPath(context, file, { beside, onUsed }), beside),
          isInFolder,
        ),
      )
    // A file cut at its beginning looks like no known format.
    await forEachArchive(context, words, verifyOne, (file, error) => add(total, unreadable(file, error)))
    const notes = unneeded(context.usedFiles)
    if (notes.length > 0) total.notes = [...(total.notes ?? []), ...notes]
    return total
  })
}

async function repairAll(
  request: VerifyRequest,
  paths: readonly string[],
  total: VerifyResult,
): Promise<void> {
  await inContext(request, async (context) => {
    const { words } = await wimCompanions(paths, request.ref)
    for (const file of words) await repairAt(context, path.resolve(file), total)
  })
}

/**
 * Repairs the files that recovery files in a folder, or beside a file, protect; too few of them are one more
 * problem.
 */
async function repairAt(context: Context, place: string, total: VerifyResult): Promise<void> {
  const { repairBeside } = await import('./repair-beside.js')
  try {
    total.repaired = [...(total.repaired ?? []), ...(await repairBeside(context, place))]
  } catch (error) {
    if (!hasCode(error, 'RECOVERY_INSUFFICIENT')) throw error
    add(total, { ok: false, blobs: 0, bytes: 0, problems: [problemOf(error, { path: place })] })
  }
}

function add(total: VerifyReport, one: VerifyReport): void {
  if (one.signers) total.signers = [...(total.signers ?? []), ...one.signers]
  total.ok &&= one.ok
  total.blobs += one.blobs
  total.bytes += one.bytes
  total.problems.push(...one.problems)
  if (one.notes) total.notes = [...(total.notes ?? []), ...one.notes]
  if (one.plain) total.plain = [...(total.plain ?? []), ...one.plain]
  if (one.leftOut) {
    const { blobs, bytes } = total.leftOut ?? { blobs: 0, bytes: 0 }
    total.leftOut = { blobs: blobs + one.leftOut.blobs, bytes: bytes + one.leftOut.bytes }
  }
}

async function verifyStore(context: Context): Promise<VerifyResult> {
  const store = await context.store()
  const { root } = store.places
  const members = folderMembers(root)
  if (await isNew(members)) return { ok: true, blobs: 0, bytes: 0, problems: [] }
  return await reported(root, async () => {
    const collection = await layoutSource(members, 'store')
    return await noted(context, store, () =>
      verifyLayout(collection, members, {
        ...hashOptions(context),
        onLayer: (digest, bytes, expected) => store.checked.noteLayer(digest, bytes, expected),
      }),
    )
  })
}

/** The store remembers what a check finds: an install then copies again what is damaged. */
async function noted(
  context: Context,
  { places, checked }: Store,
  check: () => Promise<VerifyResult>,
): Promise<VerifyResult> {
  const result = await checked.during(check, ({ problems }) => problems.flatMap(({ digest }) => digest ?? []))
  // A layout that no install of ours has written to stays as it is.
  const isKept = !existsSync(places.ingestFolder) || (await checked.keep())
  if (!isKept && !result.ok)
    context.note(`What is damaged could not be noted in ${places.root}: install it with ${option('force')}.`)
  return result
}

/** There is no store yet, or a run was killed while it made one: blobs come after the index. */
async function isNew(members: Members): Promise<boolean> {
  if (!(await members.find(LAYOUT_FILE))) return true
  if (await members.find(INDEX_FILE)) return false
  return !(await members.list()).some(
    ({ name, kind }) => kind === 'file' && name.startsWith(`${BLOBS_FOLDER}/`),
  )
}

async function verifyPath(
  context: Context,
  file: string,
  opening: { beside?: readonly string[]; onUsed?: (file: string) => void; isInner?: boolean },
): Promise<VerifyResult> {
  const at = path.resolve(file)
  const { signal, onProgress } = context.options
  const options = { scratch: scratchOf(context), signal, onProgress, ...opening, mayBeUnknown: true }
  const found = await foundAt(at, options)
  if (found.check)
    return await found.check(
      hashOptions(context),
      async () => (await openFound(at, found, options)).collection,
    )
  const inside = found.around === 'packed' ? await packedIn(at, found, options) : undefined
  if (inside?.kind === 'file') return await verifyInner(context, file, inside)
  const opened = await (inside ? openPacked(at, inside, options) : openFound(at, found, options)).catch(
    (error) => withoutLayout(context, file, error),
  )
  return 'problems' in opened
    ? opened
    : await closing(opened.collection, async () => {
        const result = await verifyOpened(context, at, opened)
        return await asTaken(opened.collection, at, result, context.options.signal)
      })
}

/** Notes and refusals that taking the images would give, beyond problems of the bytes. */
async function asTaken(
  collection: ImageCollection,
  at: string,
  result: VerifyResult,
  signal?: AbortSignal,
): Promise<VerifyResult> {
  // A store that has become empty is still a store.
  const isEmptied = collection.isComplete && (await collection.images()).length === 0
  const refusal = result.ok && !isEmptied ? await refusalOf(collection, signal) : undefined
  if (refusal) return { ...result, ok: false, problems: [problemOf(refusal, { path: at })] }
  const notes = await absentNotes(collection, signal)
  return notes.length > 0 ? { ...result, notes } : result
}

async function verifyOpened(context: Context, at: string, opened: Opened): Promise<VerifyResult> {
  const { collection, members, around, check } = opened
  for (const note of collection.notes?.() ?? []) context.note(note)
  if (!members || !check) return await verifyCollection(collection, hashOptions(context))
  const how = { ...hashOptions(context), concurrency: collection.concurrency }
  if (around === 'packed') {
    const { throughSums, withOtherFiles } = await import('../../formats/open/check-packed.js')
    const found = await check(collection, throughSums(members), how)
    return await withOtherFiles(members, found, how.signal)
  }
  const lists = await mediaLists(members)
  if (lists && around === 'archive') {
    const { withOtherFiles } = await import('../../formats/open/check-packed.js')
    return await withOtherFiles(members, await check(collection, members, how), how.signal)
  }
  if (lists && around === 'folder')
    return await withMediaLists(at, lists, await check(collection, members, how), how)
  const isStore = existsSync(path.join(at, CHECKED_FILE))
  const checked = (): Promise<VerifyResult> => check(collection, members, how)
  return isStore ? await noted(context, storeAt(at), checked) : await checked()
}

/** If the layout of a media cannot be opened, its lists can still be checked. */
async function withoutLayout(context: Context, file: string, error: unknown): Promise<VerifyResult> {
  const lists = hasCode(error, 'ARCHIVE_UNKNOWN', 'LAYOUT_INVALID', 'INVALID_DOCUMENT', 'DOCUMENT_TOO_LARGE')
    ? await mediaLists(folderMembers(path.resolve(file)))
    : undefined
  if (!lists) throw error
  const result = { ok: false, blobs: 0, bytes: 0, problems: [problemOf(error, { path: file })] }
  return await withMediaLists(path.resolve(file), lists, result, hashOptions(context))
}

/** Problems are reported for the archive in the zip or 7z, not for the place where it was unpacked. */
async function verifyInner(context: Context, file: string, inner: InnerFile): Promise<VerifyResult> {
  return await closing(inner, async () => {
    const result = await verifyPath(context, inner.path, { isInner: true })
    const named = (text: string): string => inTermsOf(text, inner.path, file)
    const problems = result.problems.map((problem) => ({
      ...problem,
      message: named(problem.message),
      ...(problem.path === undefined ? {} : { path: named(problem.path) }),
    }))
    return { ...result, problems }
  }).catch((error) => {
    throw namedByArchive(error, inner.path, file)
  })
}

function hashOptions(context: Context) {
  const { signal, onProgress } = context.options
  return { hasher: context.hasher, concurrency: 4, signal, onProgress }
}

/**
 * A path that cannot even be opened is one problem of the report, unless it does not exist.
 * @param isInFolder when all archives of a folder are checked, one that holds no image is reported
 */
async function reported(
  file: string,
  check: () => Promise<VerifyReport>,
  isInFolder = false,
): Promise<VerifyReport> {
  try {
    return await check()
  } catch (error) {
    if (
      !(error instanceof ContainerImageError) ||
      hasCode(error, 'PATH_NOT_FOUND', 'INTERRUPTED', 'PERMISSION_DENIED') ||
      (isInFolder && hasCode(error, 'ARCHIVE_UNKNOWN'))
    )
      throw error
    return unreadable(file, error)
  }
}

function unreadable(file: string, error: ContainerImageError): VerifyResult {
  return { ok: false, blobs: 0, bytes: 0, problems: [problemOf(error, { path: file })] }
}
