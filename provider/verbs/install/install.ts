import { ANNOTATIONS, hasCode, isDigest, isReference } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { layersTaken } from '../../choice/foreign-layers.js'
import { hostPlatform } from '../../choice/host-platform.js'
import { newerBuildNotes } from '../../choice/newer-builds.js'
import { newestOfEachName } from '../../choice/newest.js'
import { type OtherPlatforms, othersNote } from '../../choice/other-platforms.js'
import { leftOut } from '../../choice/runnable.js'
import { refuseOnePlace } from '../../choice/same-place.js'
import { combined } from '../../copy/combined-source.js'
import { copy } from '../../copy/copy.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, PlannedImage } from '../../copy/ports.js'
import { leftOutOf } from '../../delta/base/left-out.js'
import { layersBelow } from '../../delta/base/stacks.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { gateOf } from '../../gate/command.js'
import { namingAfter, passGate } from '../../gate/gate.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { labelOf, namesOfImage } from '../../names/image-names.js'
import type { Brought } from '../../session/brought.js'
import { type Context, inContext } from '../../session/context.js'
import { Failures, tellingDone } from '../../session/failures.js'
import { presentBlobs } from '../../session/present-blobs.js'
import type { TaggedImage } from '../../store/images.js'
import { type StoreSink, storeSink } from '../../store/sink.js'
import type { Store } from '../../store/store.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { engineOptions } from '../../targets/engine-options.js'
import { forEachArchive } from '../../targets/folder-of-archives.js'
import { inParts } from '../../targets/in-parts.js'
import { togetherOrOneByOne } from '../../targets/one-by-one.js'
import { isPlannedOnly, scratchOf } from '../../targets/open-options.js'
import { withReadable } from '../../targets/readable.js'
import { resolveTargets } from '../../targets/targets.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import { isFirstUnchecked, tellUnchecked } from '../../trust/taking/unchecked.js'
import { joinedResults } from '../load/joined-results.js'
import type { LoadResult } from '../load/request.js'
import { copyJoined, refuseMissingBases } from './install-delta.js'
import { checkReceipt, writeReceipt } from './install-receipt.js'
import { repairedAfter, type SetToInstall, setToInstall } from './install-volumes.js'
import {
  described,
  type PlannedInstall,
  receivedBlobs,
  refusedImage,
  tellWhatWould,
} from './installed-result.js'
import { tellNewerDatabase } from './newer-database.js'
import type { InstalledImage, InstallRequest, InstallResult } from './request.js'

/**
 * Installs images into the store, from archives and folders by path, or from a source by name, and tags each
 * `<name>:<version>` and `<name>:latest`. What is already there is not copied. With `whatIf` it reads and
 * plans, and changes nothing.
 * @throws NO_MATCH, ARCHIVE_UNKNOWN, DIGEST_MISMATCH, NO_SPACE, NETWORK_UNREACHABLE and many more: see docs/errors.md
 */
export async function install(request: InstallRequest): Promise<InstallResult> {
  return await withReadable(request, request.targets, (targets, rest) => installFrom({ ...rest, targets }))
}

async function installFrom(request: InstallRequest): Promise<InstallResult> {
  return await inContext(request, async (context) => {
    const counts = { copiedBytes: 0, reusedBytes: 0 }
    const lists = { images: [], origins: [], moved: [], alreadyThere: [], blobs: [], layers: [] }
    const result: InstallResult = { ...lists, ...counts }
    const failures = new Failures(request)
    const receipt = await checkReceipt(context, request)
    if (request.engine && !request.whatIf) await checkEngine(context, request)
    const isUnchecked = await isFirstUnchecked(context, request.targets)
    await tellingDone(
      () => (result.images.length > 0 && !request.whatIf ? result : undefined),
      async () => {
        try {
          await closing(
            () => keepChecked(context, request, result),
            () => installTargets(context, request, failures, result),
          )
        } catch (error) {
          // A refusal is worth a receipt, but a receipt that fails is not worth another error.
          if (context.verdict) result.gate = context.verdict
          await writeReceipt(context, request, receipt, result, error).catch(() => {})
          throw error
        }
      },
    )
    if (failures.failed.length > 0) result.failed = failures.failed
    if (context.verdict) result.gate = context.verdict
    if (isUnchecked && result.images.length > 0) tellUnchecked(context)
    await tellNewerDatabase(context, request.targets)
    await writeReceipt(context, request, receipt, result)
    if (request.engine) tellNotLoaded(context, result)
    if (request.engine && !request.whatIf && result.images.some(isRunnable))
      result.loaded = await loadInstalled(context, result, request)
    return result
  })
}

/** Once for all copies of the run: if it is killed before that, the next run hashes again what this one brought. */
async function keepChecked(
  context: Context,
  { whatIf }: InstallRequest,
  result: InstallResult,
): Promise<void> {
  if (!whatIf && result.images.length > 0) await (await context.store()).checked.keep()
}

/** It is better to know before the work that an engine cannot be reached. @throws ENGINE_UNREACHABLE */
async function checkEngine(context: Context, request: InstallRequest): Promise<void> {
  const { openEngine } = await import('../../engine/open-engine.js')
  const options = { ...engineOptions(request), scratch: scratchOf(context) }
  const engine = await openEngine(request.engine ?? 'auto', options)
  await engine.close()
}

/**
 * Each target after the other, once it is known of all of them that they do not stand in each other's way; a set of
 * volumes, or a split WIM, that several of them hold parts of once.
 */
async function installTargets(
  context: Context,
  request: InstallRequest,
  failures: Failures,
  result: InstallResult,
): Promise<void> {
  const targets: OpenTarget[] = []
  await closing(
    () =>
      closeAll(
        targets.flatMap((target) => [() => closeOnce(target), async () => target.volumes?.arrival.letGo()]),
      ),
    async () => {
      const sets = new Set<string>()
      const { words, beside, unneeded } = await wimCompanions(request.targets, request.ref)
      await forEachArchive(context, words, async (target, isInFolder) => {
        await failures.attempt(
          target,
          async () => {
            const volumes = await setToInstall(context, target, request, sets)
            if (volumes === 'known') return
            targets.push(await openTarget(context, target, volumes, { ...request, beside }))
            if (volumes) sets.add(volumes.set.list.set)
          },
          // A folder tells of these itself.
          (error) => isInFolder && hasCode(error, 'ARCHIVE_UNKNOWN'),
        )
      })
      const images = targets.flatMap(({ chosen }) => chosen.images)
      for (const note of newerBuildNotes(images, hostPlatform())) context.note(note)
      const newest = newestOf(targets)
      refuseCollisions({ targets, newest, failures }, request, result)
      if (request.together && targets.every(({ volumes }) => volumes === undefined))
        await installTogether(context, { targets, newest, failures }, request, result)
      else
        for (const target of targets)
          await failures.attempt(target.target, async () => {
            await installTarget(context, target, { targets, newest, failures }, request, result)
            if (!request.whatIf) await target.volumes?.arrival.remove(request.signal)
          })
      for (const note of unneeded(context.usedFiles)) context.note(note)
    },
  )
}

/**
 * As many as come in one copy: the index of the store is written once for them, and a run that is killed keeps the names
 * of those that came before.
 */
const TOGETHER = 100

/** Not in a copy for each: a thousand images would be mostly the index, written a thousand times. */
async function installTogether(
  context: Context,
  { targets, newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const targetOf = new Map<ChosenImage, string>()
  for (const { target, chosen } of targets) for (const image of chosen.images) targetOf.set(image, target)
  for (const some of inParts([...targetOf.keys()], TOGETHER))
    await togetherOrOneByOne(
      some,
      (image) => image,
      failures,
      async (images, brought) => {
        await installAll(context, images, { newest, brought }, request, result)
        for (const image of images) tellOrigin(image, targetOf.get(image) ?? '', result)
      },
    )
}

/** @throws AMBIGUOUS_NAME where two targets have an image each for one name */
function refuseCollisions(
  { targets, newest }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): void {
  if (targets.length < 2) return
  const placed = targets.flatMap(({ target: from, chosen }) =>
    chosen.images.map((image) => ({
      ...image,
      names: namesOfImage(image, !request.noLatest && newest.has(image)),
      from,
    })),
  )
  result.refused = placed.map(refusedImage)
  refuseOnePlace(placed, 'Install them in two runs: the second tells which name it moves.')
  delete result.refused
}

function newestOf(targets: OpenTarget[]): Set<ChosenImage> {
  return newestOfEachName(targets.flatMap(({ chosen }) => chosen.images))
}

function isRunnable({ kind }: InstalledImage): boolean {
  return kind === undefined
}

/** An installed chart is where it belongs, although no engine takes it. */
function tellNotLoaded(context: Context, { images }: InstallResult): void {
  for (const { name, version, digest, kind, artifactType = '' } of images)
    if (kind !== undefined)
      context.note(
        leftOut(
          { name, version, root: { digest }, artifact: { kind, artifactType } },
          'engines take images alone',
        ),
      )
}

/** The engine gets its images from the store, where they are complete and verified. */
async function loadInstalled(
  context: Context,
  { images }: InstallResult,
  request: InstallRequest,
): Promise<LoadResult> {
  const { loadImages } = await import('../load/load-images.js')
  const installed = new Set(images.flatMap(({ digest, tags }) => tags.map((tag) => `${digest} ${tag}`)))
  const isInstalled = ({ digest, refName, artifact }: TaggedImage): boolean =>
    artifact === undefined && installed.has(`${digest} ${refName}`)
  return await loadImages(context, (stored) => stored.filter(isInstalled), { ...request, gate: '' })
}

/** With the files in which its WIMs may find what they lack. */
type WithCompanions = InstallRequest & { beside?: readonly string[] }

/** One of the targets, opened. */
interface OpenTarget {
  target: string
  volumes?: SetToInstall
  chosen: ChosenImages
  /** Its set of volumes was repaired already. */
  wasRepaired: boolean
}

/** A set of volumes of which some are bad is tried once more, where recovery files could repair them. */
async function openTarget(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: WithCompanions,
): Promise<OpenTarget> {
  try {
    return { target, volumes, chosen: await chosenAt(context, target, volumes, request), wasRepaired: false }
  } catch (error) {
    if (!volumes) throw error
    const repaired = await repairedAfter(context, volumes, error)
    return {
      target,
      volumes: repaired,
      chosen: await chosenAt(context, target, repaired, request),
      wasRepaired: true,
    }
  }
}

async function chosenAt(
  context: Context,
  target: string,
  volumes: SetToInstall | undefined,
  request: WithCompanions,
): Promise<ChosenImages> {
  const { path = target, mayTake = false, set } = volumes ?? {}
  const volumeSet = mayTake ? undefined : set
  const onOthers = (left: OtherPlatforms): void => context.note(othersNote(left))
  const how = { ...request, again: request.force, volumeSet, mayTake, signedSet: set, onOthers }
  return await resolveTargets(context, path, how)
}

/** All targets of a request: of several versions of one name the newest becomes `latest`. */
interface AllTargets {
  targets: OpenTarget[]
  newest: ReadonlySet<ChosenImage>
  failures: Failures
}

async function installTarget(
  context: Context,
  one: OpenTarget,
  all: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  try {
    await installOpened(context, one, all, request, result)
  } catch (error) {
    if (!one.volumes || one.wasRepaired) throw error
    one.volumes = await repairedAfter(context, one.volumes, error)
    one.wasRepaired = true
    one.chosen = await chosenAt(context, one.target, one.volumes, request)
    const newest = newestOf(all.targets)
    await installOpened(context, one, { ...all, newest }, request, result)
  }
}

async function installOpened(
  context: Context,
  one: OpenTarget,
  { newest, failures }: AllTargets,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const { target, chosen } = one
  await closing(
    () => closeOnce(one),
    () =>
      togetherOrOneByOne(
        chosen.images,
        (image) => image,
        one.volumes ? undefined : failures,
        async (images, brought) => {
          await installAll(context, images, { newest, brought }, request, result)
          for (const image of images) tellOrigin(image, target, result)
        },
      ),
  )
}

/** Each as soon as it is installed: a stick may be wanted elsewhere. */
async function closeOnce(one: OpenTarget): Promise<void> {
  const { chosen } = one
  one.chosen = { ...chosen, close: async () => {} }
  await chosen.close()
}

function tellOrigin(image: ChosenImage, target: string, result: InstallResult): void {
  result.origins.push(originOf(image, target))
  result.resolved = [...(result.resolved ?? []), resolvedOf(image, target)]
}

function originOf({ offeredBy }: ChosenImage, target: string): string {
  return offeredBy === undefined || isReference(target) ? target : offeredBy
}

function resolvedOf({ reference = '', annotations, root }: ChosenImage, target: string) {
  const index = annotations[ANNOTATIONS.originIndex]
  return { name: reference || target, digest: isDigest(index) ? index : root.digest }
}

/** Everything that one target means comes in one copy: if one image is bad, none of them gets a name. */
async function installAll(
  context: Context,
  images: ChosenImage[],
  { newest, brought }: { newest: ReadonlySet<ChosenImage>; brought: Brought },
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const store = await context.store()
  refuse(result, images)
  const parts = await planAll(context, images, newest, request)
  const left = leftOutOf(parts)
  refuseOnePlace(parts.flatMap(({ planned }) => planned))
  const { source, plan } = combined(parts)
  const present = brought.without(await presentBlobs(context, store, plan, request.force))
  await refuseMissingBases(context, parts, left, request)
  const wasThere = new Set(
    parts.filter((part) => part.plan.contents.every(({ digest }) => present.has(digest))),
  )
  if (request.whatIf) {
    await tellWhatWould(store, parts, plan, { present, left }, result)
    if (request.engine) result.loaded = await tellWhatWouldLoad(plan, result.loaded, request)
  } else {
    const made = images.flatMap((image) => image.made ?? [])
    const fresh = new Set([...left, ...made.map((descriptor) => descriptor.digest)])
    const taken = storeSink(store, context.hasher, { again: request.force ?? false, fresh, keepsLater: true })
    const sink = await gatedSink(context, taken, plan, request)
    const task = `Installing ${images.map(labelOf).join(', ')}`
    const { signal, onProgress } = request
    const { copied, joinedBytes } = await copyJoined(context, parts, left, request, () =>
      brought.copying(store, plan, present, () => copy(source, plan, sink, { task, signal, onProgress })),
    )
    // The copy found them there: layers that were made from a WIM or restored from a delta.
    const broughtBytes = made.reduce((sum, { size }) => sum + size, 0) + joinedBytes
    result.copiedBytes += copied.copiedBytes + broughtBytes
    result.reusedBytes += copied.reusedBytes - broughtBytes
    result.moved.push(...sink.moved)
  }
  unrefuse(result, images)
  result.blobs.push(...receivedBlobs(plan, present))
  for (const part of parts) {
    if (wasThere.has(part) && !request.force) result.alreadyThere.push(part.image.root.digest)
    if (request.expand && !request.whatIf) await expandPart(store, part, request, result)
    result.layers.push(
      layersBelow(part.plan, part.image.root).map(({ digest, diffId }) => ({ digest, diffId })),
    )
  }
  result.images.push(...(await described(store, parts, request.whatIf ?? false)))
}

/** What the store has by then, it has without a name; it is removed again where the gate refuses it. */
async function gatedSink(
  context: Context,
  sink: StoreSink,
  plan: CopyPlan,
  request: InstallRequest,
): Promise<StoreSink> {
  const words = await gateOf(request)
  if (!words) return sink
  const { places } = await context.store()
  return namingAfter(sink, async () => {
    const source = await storeLayout(places)
    await closing(source, () => passGate(context, { source, plan }, words))
  })
}

/** In a run that keeps going, others may have been refused before. */
function refuse(result: InstallResult, images: ChosenImage[]): void {
  unrefuse(result, images)
  result.refused = [...(result.refused ?? []), ...images.map(refusedImage)]
}

function unrefuse(result: InstallResult, images: ChosenImage[]): void {
  const installed = new Set(images.map((image) => JSON.stringify(refusedImage(image))))
  const left = result.refused?.filter((one) => !installed.has(JSON.stringify(one))) ?? []
  if (left.length > 0) result.refused = left
  else delete result.refused
}

async function expandPart(
  store: Store,
  { image, planned }: PlannedInstall,
  request: InstallRequest,
  result: InstallResult,
): Promise<void> {
  const { expandInstalled } = await import('./expand-installed.js')
  const installed = { digest: image.root.digest, name: planned[0]?.names[0] }
  const expanded = await expandInstalled(store, installed, request)
  result.expanded = [...(result.expanded ?? []), expanded]
}

async function planAll(
  context: Context,
  images: ChosenImage[],
  newest: ReadonlySet<ChosenImage>,
  request: InstallRequest,
): Promise<PlannedInstall[]> {
  const { noReferrers, signal } = request
  const parts: PlannedInstall[] = []
  for (const image of images) {
    const latest = !request.noLatest && newest.has(image)
    const planned = (await withJudgedArtifacts(context, image, { latest, noReferrers, signal })).map((one) =>
      one.root === image.root ? withOrigin(one, image) : one,
    )
    const plan = await planCopy(image.source, planned, { ...layersTaken(request), signal })
    parts.push({ image, source: image.source, planned, plan })
  }
  return parts
}

/** Where it is from, so that `serve` can distinguish it from another registry's image of the same name. */
function withOrigin(planned: PlannedImage, { reference }: ChosenImage): PlannedImage {
  if (reference === undefined) return planned
  return { ...planned, annotations: { ...planned.annotations, [ANNOTATIONS.source]: reference } }
}

/** Layers that a what-if has not made have no digest yet, so no engine can be asked for them. */
async function tellWhatWouldLoad(
  plan: CopyPlan,
  before: LoadResult | undefined,
  request: InstallRequest,
): Promise<LoadResult | undefined> {
  if (plan.contents.some(isPlannedOnly)) return before
  const { wouldLoad } = await import('../load/send-to-engine.js')
  const loaded = await wouldLoad(plan, request)
  return before ? joinedResults([before, loaded]) : loaded
}
