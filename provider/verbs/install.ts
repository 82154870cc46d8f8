import { ANNOTATIONS, formatLocalName, isDigest, isReference } from '../../manifests/index.js'
import { leftOutOf } from '../base/left-out.js'
import { layersBelow } from '../base/stacks.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { layersTaken } from '../choice/foreign-layers.js'
import { newestOfEachName } from '../choice/newest.js'
import { withArtifacts } from '../choice/travelling.js'
import { type Context, inContext } from '../context/context.js'
import { defined } from '../context/defined.js'
import { combined } from '../copy/combined-source.js'
import { copy } from '../copy/copy.js'
import { planCopy } from '../copy/plan.js'
import type { CopyPlan, PlannedImage } from '../ports.js'
import type { InstallRequest, InstallResult, LoadResult } from '../requests.js'
import { storeSink } from '../store/sink.js'
import type { Store } from '../store/store.js'
import { copyJoined, refuseMissingBases } from './install-delta.js'
import { checkReceipt, writeReceipt } from './install-receipt.js'
import { repairedAfter, type SetToInstall, setToInstall } from './install-volumes.js'
import {
  described,
  missingBytes,
  movedTag,
  type PlannedInstall,
  presentBlobs,
  receivedBlobs,
  refusedImage,
  tellWhatWould,
} from './installed-result.js'
import { isPlannedOnly } from './open-options.js'
import { resolveTargets } from './targets.js'

/**
 * Installs images into the store, from archives and folders by path, or from a source by name, and tags each
 * `<name>:<version>` and `<name>:latest`. What is there already is not copied. With `whatIf` it reads and
 * plans, and changes nothing.
 * @throws NO_MATCH, ARCHIVE_UNKNOWN, DIGEST_MISMATCH, NO_SPACE, NETWORK_UNREACHABLE and many more: see docs/errors.md
 */
export async function install(request: InstallRequest): Promise<InstallResult> {
  return await inContext(request, async (context) => {
    const counts = { copiedBytes: 0, reusedBytes: 0 }
    const lists = { images: [], origins: [], moved: [], alreadyThere: [], blobs: [], layers: [] }
    const result: InstallResult = { ...lists, ...counts }
    const receipt = await checkReceipt(context, request)
    try {
      await installTargets(context, request, result)
    } catch (error) {
      // That something was refused is worth a receipt, but not worth another error.
      await writeReceipt(context, request, receipt, result, error).catch(() => {})
      throw error
    }
    await writeReceipt(context, request, receipt, result)
    if (request.engine && !request.whatIf) result.loaded = await loadInstalled(context, result, request)
    return result
  })
}

/** Each target after the other; a set of volumes that several of them hold parts of once. */
async function installTargets(
  context: Context,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const done = new Set<string>()
  for (const target of request.targets) {
    const volumes = await setToInstall(context, target, request)
    if (volumes && done.has(volumes.set.list.set)) continue
    await installTarget(context, target, volumes, request, result)
    if (volumes) done.add(volumes.set.list.set)
    if (!request.whatIf) await volumes?.arrival.remove()
  }
}

/** The engine gets its images out of the store, where they are whole and verified. */
async function loadInstalled(
  context: Context,
  { images }: InstallResult,
  request: InstallRequest,
): Promise<LoadResult> {
  const { loadImages } = await import('./load-images.js')
  const tags = new Set(images.flatMap((image) => image.tags))
  return await loadImages(context, (image) => tags.has(image.refName), request)
}

/** A set of volumes of which some are bad is tried once more, where recovery files could repair them. */
async function installTarget(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  try {
    await installOpened(context, target, volumes, request, result)
  } catch (error) {
    if (!volumes) throw error
    await installOpened(context, target, await repairedAfter(context, volumes, error), request, result)
  }
}

async function installOpened(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const { path = target, mayTake = false, set } = volumes ?? {}
  const volumeSet = mayTake ? undefined : set
  const chosen = await resolveTargets(context, path, { ...request, again: request.force, volumeSet, mayTake })
  try {
    await installAll(context, chosen.images, request, result)
    result.origins.push(...chosen.images.map((image) => originOf(image, target)))
    result.resolved = [...(result.resolved ?? []), ...chosen.images.map((image) => resolvedOf(image, target))]
  } finally {
    await chosen.close()
  }
}

function originOf({ offeredBy }: ChosenImage, target: string): string {
  return offeredBy === undefined || isReference(target) ? target : offeredBy
}

function resolvedOf({ reference = '', annotations, root }: ChosenImage, target: string) {
  const index = annotations[ANNOTATIONS.originIndex]
  return { name: reference || target, digest: isDigest(index) ? index : root.digest }
}

/** Everything that one target means comes in one copy: where one image is bad, none of them gets a name. */
async function installAll(
  context: Context,
  images: ChosenImage[],
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const store = await context.store()
  result.refused = images.map(refusedImage)
  const parts = await planAll(images, request)
  const left = leftOutOf(parts)
  await refuseMissingBases(context, parts, left, request)
  const { source, plan } = combined(parts)
  const before = await presentBlobs(store, plan)
  const wasThere = new Set<PlannedInstall>()
  for (const part of parts) if ((await missingBytes(store, part.plan)) === 0) wasThere.add(part)
  if (request.whatIf) {
    await tellWhatWould(store, parts, plan, left, result)
    if (request.engine) result.loaded = await tellWhatWouldLoad(plan, result.loaded, request)
  } else {
    const made = images.flatMap((image) => image.made ?? [])
    const fresh = new Set([...left, ...made.map((descriptor) => descriptor.digest)])
    const sink = storeSink(store, context.hasher, { again: request.force ?? false, fresh })
    const task = `Installing ${images.map((image) => `${image.name} ${image.version}`).join(', ')}`
    const { signal, onProgress } = request
    const { copied, joinedBytes } = await copyJoined(context, parts, left, request, () =>
      copy(source, plan, sink, { task, ...defined({ signal, onProgress }) }),
    )
    // The copy found them there: layers that were made of a WIM or put together of what a delta brought.
    const broughtBytes = made.reduce((sum, { size }) => sum + size, 0) + joinedBytes
    result.copiedBytes += copied.copiedBytes + broughtBytes
    result.reusedBytes += copied.reusedBytes - broughtBytes
    result.moved.push(...sink.moved.map(movedTag))
  }
  delete result.refused
  result.blobs.push(...receivedBlobs(plan, before))
  for (const part of parts) {
    if (wasThere.has(part) && !request.force) result.alreadyThere.push(part.image.root.digest)
    if (request.expand && !request.whatIf) await expandPart(store, part, request, result)
    result.images.push(await described(store, part, request.whatIf ?? false))
    result.layers.push(
      layersBelow(part.plan, part.image.root).map(({ digest, diffId }) => ({ digest, diffId })),
    )
  }
}

async function expandPart(
  store: Store,
  { planned }: PlannedInstall,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const { expandInstalled } = await import('./expand-installed.js')
  const tag = planned[0]?.names[0]
  const expanded = await expandInstalled(store, tag ? formatLocalName(tag) : '', request)
  result.expanded = [...(result.expanded ?? []), expanded]
}

async function planAll(images: ChosenImage[], request: InstallRequest): Promise<PlannedInstall[]> {
  const { signal } = request
  const newest = newestOfEachName(images)
  const parts: PlannedInstall[] = []
  for (const image of images) {
    const latest = !request.noLatest && newest.has(image)
    const planned = (await withArtifacts(image, { latest, ...defined({ signal }) })).map((one) =>
      one.root === image.root ? withOrigin(one, image) : one,
    )
    const plan = await planCopy(image.source, planned, { ...layersTaken(request), ...defined({ signal }) })
    parts.push({ image, source: image.source, planned, plan })
  }
  return parts
}

/** Where it is from, so that `serve` can tell it from another registry's image of the same name. */
function withOrigin(planned: PlannedImage, { reference }: ChosenImage): PlannedImage {
  if (reference === undefined) return planned
  return { ...planned, annotations: { ...planned.annotations, [ANNOTATIONS.source]: reference } }
}

/** Layers that a what-if has not made have no digest yet, so that no engine can be asked for them. */
async function tellWhatWouldLoad(
  plan: CopyPlan,
  before: LoadResult | undefined,
  request: InstallRequest,
): Promise<LoadResult | undefined> {
  if (plan.contents.some(isPlannedOnly)) return before
  const { wouldLoad } = await import('./send-to-engine.js')
  const loaded = await wouldLoad(plan, request)
  if (!before) return loaded
  return {
    ...loaded,
    images: [...before.images, ...loaded.images],
    sentBytes: before.sentBytes + loaded.sentBytes,
    reusedBytes: before.reusedBytes + loaded.reusedBytes,
  }
}
