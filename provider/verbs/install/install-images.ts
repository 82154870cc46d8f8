import { ANNOTATIONS } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { layersTaken } from '../../choice/foreign-layers.js'
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
import { closing } from '../../io/closing/closing.js'
import { labelOf } from '../../names/image-names.js'
import type { Brought } from '../../session/brought.js'
import type { Context } from '../../session/context.js'
import { presentBlobs } from '../../session/present-blobs.js'
import { type StoreSink, storeSink } from '../../store/sink.js'
import type { Store } from '../../store/store.js'
import { isPlannedOnly } from '../../targets/open-options.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import { joinedResults } from '../load/joined-results.js'
import type { LoadResult } from '../load/request.js'
import { copyJoined, refuseMissingBases } from './install-delta.js'
import {
  described,
  type PlannedInstall,
  receivedBlobs,
  refusedImage,
  tellWhatWould,
} from './installed-result.js'
import type { InstallRequest, InstallResult } from './request.js'

/** Everything that one target means comes in one copy: if one image is bad, none of them gets a name. */
export async function installAll(
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

/** Whatever the store has by then, it has without a name; it is removed again if the gate refuses it. */
async function gatedSink(
  context: Context,
  sink: StoreSink,
  plan: CopyPlan,
  request: InstallRequest,
): Promise<StoreSink> {
  const words = await gateOf(request)
  if (!words) return sink
  const store = await context.store()
  return namingAfter(sink, async () => {
    const source = await storeLayout(store)
    await closing(source, () => passGate(context, { source, plan }, words))
  })
}

/** In a run that keeps going, other images may have been refused before. */
function refuse(result: InstallResult, images: ChosenImage[]): void {
  unrefuse(result, images)
  result.refused = [...(result.refused ?? []), ...images.map(refusedImage)]
}

/** Those that are installed, or are to be tried once more, are not refused. */
export function unrefuse(result: InstallResult, images: ChosenImage[]): void {
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
