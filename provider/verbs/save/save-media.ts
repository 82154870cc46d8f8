import { existsSync } from 'node:fs'
import path from 'node:path'
import {
  ANNOTATIONS,
  type DeltaList,
  type Descriptor,
  type Digest,
  formatLocalName,
  type MediaList,
  nextSignature,
  printable,
  SUMS_FILE,
  shortDigest,
  VERSION,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { copy } from '../../copy/copy.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { type FinishedMedia, finishMedia, type PutSums } from '../../formats/media/finish.js'
import { whileListing } from '../../formats/media/lock.js'
import { besidesBefore, listedBefore, type Media, openMedia } from '../../formats/media/media.js'
import { closing } from '../../io/closing/closing.js'
import { makeFolder } from '../../io/files/durable.js'
import { checkFileSizes } from '../../io/files/largest-file.js'
import type { Lock } from '../../io/files/lock.js'
import { noSuchPath } from '../../io/files/no-such-path.js'
import { inWords } from '../../io/files/system-errors.js'
import { sourceDate } from '../../io/source-date.js'
import type { Brought } from '../../session/brought.js'
import type { Context } from '../../session/context.js'
import { presentBlobs } from '../../session/present-blobs.js'
import { type MovedName, movesOf } from '../../store/moved-names.js'
import { storeSink } from '../../store/sink.js'
import { togetherOrOneByOne } from '../../targets/one-by-one.js'
import type { MadeSignature } from '../../trust/sign/sign-list.js'
import { carryDatabase } from './carry-database.js'
import { carryTool, wantsTool } from './carry-tool.js'
import { mediaSummary, tellBesides } from './finished-media.js'
import { planImages } from './plan-images.js'
import type { SaveResult } from './request.js'
import { existingFolder } from './saved-files.js'
import { savedImages, tellDelta } from './saved-result.js'
import type { SavingRequest } from './saving-request.js'

/** What goes onto the media, and where each root comes from, as the reader should see it. */
interface MediaContents {
  images: ChosenImage[]
  source: ImageSource
  plan: CopyPlan
  /** By the digest of the root. */
  sources: Map<string, string>
  brought: Brought
}

/**
 * Adds images to a media, creating it if needed: blobs go into the layout that all images share, then the
 * page and the lists are rewritten. The next run continues one that was stopped.
 * @throws PATH_NOT_FOUND, FILE_TOO_LARGE, NO_SPACE and what copying throws
 */
export async function saveOnMedia(
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  await togetherOrOneByOne(
    images,
    (image) => image,
    request.failures,
    (some, brought) => addToMedia(context, some, brought, request, result),
  )
}

async function addToMedia(
  context: Context,
  images: ChosenImage[],
  brought: Brought,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  // The installing side decides which of several versions is the latest.
  const planned = await planImages(context, images, request, { tagsLatest: false })
  const sources = new Map(images.map((image) => [image.root.digest, sourceOf(image)]))
  await bringAll(context, { ...planned, images, sources, brought }, request, result)
  result.images.push(...savedImages(images, planned.plan))
  tellDelta(result, planned.plan)
}

/** Only the name of a file: where it was on this machine is nobody's business. */
function sourceOf({ source }: ChosenImage): string {
  return existsSync(source.label) ? path.basename(path.resolve(source.label)) : source.label
}

async function bringAll(
  context: Context,
  contents: MediaContents,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const root = path.resolve(request.path)
  await checkFolder(root, request)
  await checkFileSizes(existingFolder(root), blobsOf(contents.plan))
  if (request.whatIf) {
    if (existsSync(root))
      tellMoves(result, await movesOf((await openMedia(root)).store, contents.plan.images))
    const size = contents.plan.contents.reduce((sum, blob) => sum + blob.size, 0)
    result.files.push({ path: root, size, sha256: '' })
    return
  }
  const media = await openMedia(root)
  const fetchedBefore = result.fetchedBytes
  const toBring = await marked(media, contents)
  await bring(context, media, toBring.contents, request, result)
  const isNews = toBring.hasNews || result.fetchedBytes > fetchedBefore || result.moved !== undefined
  if (isNews || wantsTool(request) || request.sbom) delete result.unchanged
  else if (result.images.length === 0) result.unchanged = true
  const sboms = request.sbom ? await sbomsOnMedia(context, media, contents) : []
  const { finished, signatures } = await whileListing(media, request.signal, (lock) =>
    listAll(context, media, contents.plan.delta, request, sboms, lock),
  )
  tellBesides(context, finished)
  result.media = mediaSummary(root, finished.list)
  // What this run listed before is listed again.
  const listed = [...filesOf(root, finished.list), ...signatures.map(({ keyId: _, ...file }) => file)]
  const paths = new Set(listed.map((file) => file.path))
  result.files = [...result.files.filter((file) => !paths.has(file.path)), ...listed]
  if (signatures.length > 0) result.signatures = signatures.map(({ path, keyId }) => ({ path, keyId }))
}

/** What another run has listed in the meantime stays listed. */
async function listAll(
  context: Context,
  media: Media,
  delta: DeltaList | undefined,
  request: SavingRequest,
  sboms: readonly string[],
  lock: Lock,
): Promise<{ finished: FinishedMedia; signatures: MadeSignature[] }> {
  const { root } = media
  const { signal, withNode = [] } = request
  const besides = await besidesBefore(root)
  if (wantsTool(request))
    for (const name of await carryTool(context, root, withNode, await listedBefore(root)))
      besides.set(name, undefined)
  for (const name of sboms) besides.set(name, undefined)
  for (const name of await carryDatabase(context, root, request)) besides.set(name, undefined)
  const signatures: MadeSignature[] = []
  const putSums = await signing(root, request, lock, signatures)
  const finished = await finishMedia(media, {
    ...{ hasher: context.hasher, besides, lock, signal, delta, putSums },
  })
  return { finished: withoutSigned(finished, signatures), signatures }
}

/** Signs the list of the sums while it is written; undefined where it is not signed. */
async function signing(
  root: string,
  { keys = [] }: SavingRequest,
  lock: Lock,
  made: MadeSignature[],
): Promise<PutSums | undefined> {
  if (keys.length === 0) return undefined
  const { writeSignedSums } = await import('../../trust/sign/sign-media.js')
  return async (sums) => void made.push(...(await writeSignedSums(root, sums, keys, lock)))
}

/** Read of the media itself, unless the other side has a part of the layers. */
async function sbomsOnMedia(
  context: Context,
  { root, store }: Media,
  { images, plan }: MediaContents,
): Promise<string[]> {
  const { putSboms } = await import('./save-sboms.js')
  if (plan.delta) return await putSboms(context, images, root, { force: true })
  const source = await storeLayout(store)
  return await closing(source, () => putSboms(context, images, root, { force: true, source }))
}

/** Files that have just been rewritten are not out of date. */
function withoutSigned(finished: FinishedMedia, signatures: MadeSignature[]): FinishedMedia {
  const made = new Set(
    signatures.flatMap(({ path: file, keyId }) => [path.basename(file), nextSignature(SUMS_FILE, keyId)]),
  )
  const others = (files: string[]): string[] => files.filter((file) => !made.has(file))
  return { ...finished, extra: others(finished.extra), stale: others(finished.stale) }
}

async function checkFolder(root: string, { path: asked, force, whatIf }: SavingRequest): Promise<void> {
  if (existsSync(root)) return
  if (!force)
    throw noSuchPath(`'${printable(asked)}'`, { side: 'destination', expected: 'an existing folder' })
  if (!whatIf) await inWords(`Making ${root}`, 'destination', () => makeFolder(root))
}

function blobsOf(plan: CopyPlan): { label: string; size: number }[] {
  return plan.contents.map(({ digest, size }) => ({ label: `blob ${shortDigest(digest)}`, size }))
}

/** When and from where each image came. Images that are already there keep their marks. */
async function marked(
  { store }: Media,
  contents: MediaContents,
): Promise<{ contents: MediaContents; hasNews: boolean }> {
  const now = sourceDate().toISOString()
  const entries = byDigest(await store.entries())
  let hasNews = false
  const images = contents.plan.images.map((image) => {
    const own = entries.get(image.root.digest) ?? []
    const before = markBefore(own, image)
    if (!isListed(own, image)) hasNews = true
    const mark = before ?? {
      [ANNOTATIONS.saved]: now,
      [ANNOTATIONS.savedBy]: VERSION,
      [ANNOTATIONS.source]: contents.sources.get(image.root.digest) ?? '',
    }
    // A signature is found through its image; it needs no mark of its own.
    return contents.sources.has(image.root.digest)
      ? { ...image, annotations: { ...image.annotations, ...mark } }
      : image
  })
  return { contents: { ...contents, plan: { ...contents.plan, images } }, hasNews }
}

function byDigest(entries: readonly Descriptor[]): Map<Digest, Descriptor[]> {
  const found = new Map<Digest, Descriptor[]>()
  for (const entry of entries) {
    const same = found.get(entry.digest)
    if (same) same.push(entry)
    else found.set(entry.digest, [entry])
  }
  return found
}

/** Whether it is there under all of its names. @param own the entries with its digest */
function isListed(own: Descriptor[], { names }: PlannedImage): boolean {
  const tags = own.map(({ annotations }) => annotations?.[ANNOTATIONS.refName])
  return own.length > 0 && names.map(formatLocalName).every((name) => tags.includes(name))
}

function markBefore(own: Descriptor[], image: PlannedImage): Record<string, string> | undefined {
  const tags = image.names.map(formatLocalName)
  const annotations = own.find((entry) =>
    tags.includes(entry.annotations?.[ANNOTATIONS.refName] ?? ''),
  )?.annotations
  if (!annotations?.[ANNOTATIONS.saved]) return undefined
  const { [ANNOTATIONS.saved]: saved = '', [ANNOTATIONS.savedBy]: savedBy = '' } = annotations
  return {
    [ANNOTATIONS.saved]: saved,
    [ANNOTATIONS.savedBy]: savedBy,
    [ANNOTATIONS.source]: annotations[ANNOTATIONS.source] ?? '',
  }
}

async function bring(
  context: Context,
  { store }: Media,
  { source, plan, brought }: MediaContents,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const { signal, onProgress } = request
  // Read each time, as others write to a media: intact blobs are not fetched again, and damaged ones are
  // replaced.
  const present = brought.without(await presentBlobs(context, store, plan))
  const sink = storeSink(store, context.hasher)
  const task = `Saving ${plan.images.flatMap((image) => image.names.slice(0, 1).map(formatLocalName)).join(', ')}`
  const copied = await brought.copying(store, plan, present, () =>
    copy(source, plan, sink, { task, signal, onProgress }),
  )
  result.fetchedBytes += copied.copiedBytes
  result.reusedBytes += copied.reusedBytes
  tellMoves(result, sink.moved)
}

function tellMoves(result: SaveResult, moved: MovedName[]): void {
  if (moved.length > 0) result.moved = [...(result.moved ?? []), ...moved]
}

function filesOf(root: string, { files }: MediaList): SaveResult['files'] {
  return files.map(({ path: name, size, sha256 }) => ({
    path: path.join(root, ...name.split('/')),
    size,
    sha256,
  }))
}
