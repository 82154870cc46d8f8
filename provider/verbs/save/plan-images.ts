import { type DeltaList, isIndexType } from '../../../manifests/index.js'
import { mergedDeltas } from '../../../manifests/merged-deltas.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { layersTaken } from '../../choice/foreign-layers.js'
import { namesOf } from '../../choice/held-roots.js'
import { newestOfEachName } from '../../choice/newest.js'
import { refuseOnePlace } from '../../choice/same-place.js'
import { carriedWith } from '../../choice/travelling.js'
import { combined } from '../../copy/combined-source.js'
import { imagesBelow } from '../../copy/manifests-below.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { withoutBase } from '../../delta/base/leave-out.js'
import { leftOutOf, type SourcedPlan } from '../../delta/base/left-out.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import type { SavingRequest } from './saving-request.js'

/** Options of planning images. */
interface PlanningOptions {
  tagsLatest?: boolean
  /** Leaves out what goes with them, if there is no place for it. */
  imagesOnly?: boolean
}

/** Everything that images need, from however many sources, as one plan over one source. */
export async function planImages(
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
  { tagsLatest = true, imagesOnly = false }: PlanningOptions = {},
): Promise<{ source: ImageSource; plan: CopyPlan }> {
  const { noReferrers, signal } = request
  const newest = newestOfEachName(images)
  const bySource = new Map<ImageSource, PlannedImage[]>()
  for (const image of images) {
    const latest = tagsLatest && newest.has(image)
    const all = await withJudgedArtifacts(context, image, { latest, noReferrers, signal })
    const planned = imagesOnly ? all.filter(({ goesWith }) => goesWith === undefined) : all
    if (planned.length < all.length) context.note(artifactsLeftOut(image, all))
    bySource.set(image.source, [...(bySource.get(image.source) ?? []), ...planned])
  }
  for (const planned of bySource.values()) refuseOnePlace(planned)
  const placed = [...bySource].flatMap(([{ label: from }, all]) => all.map((one) => ({ ...one, from })))
  refuseOnePlace(placed, 'Save them one by one, each into a file of its own.')
  const parts: { source: ImageSource; plan: CopyPlan }[] = []
  for (const [source, planned] of bySource)
    parts.push({
      source,
      plan: await planCopy(source, planned, { ...layersTaken(request), signal }),
    })
  const { source, plan } = combined(parts)
  if (imagesOnly) for (const image of images) tellOtherPlatforms(context, image, plan)
  const planned = { source, plan: withoutBase(plan, request.bases ?? [], leftOutBefore(parts)) }
  if (request.delta !== 'blocks') return planned
  const { withBlockDeltas } = await import('./save-block-deltas.js')
  return await withBlockDeltas(context, images, planned, request)
}

/** Nothing that goes with an image is lost silently. */
function artifactsLeftOut(image: ChosenImage, planned: PlannedImage[]): string {
  const { artifacts = [] } = carriedWith(image.root.digest, planned)
  const kinds = [...new Set(artifacts.map(({ kind }) => kind))].join(', ')
  return `${labelOf(image)}: ${kinds} left out, as this format holds images alone; an OCI archive has a place for it.`
}

/** Only one image of an index is written if the format cannot tell several with the same name apart. */
function tellOtherPlatforms(context: Context, image: ChosenImage, plan: CopyPlan): void {
  if (!isIndexType(image.root.mediaType) || image.artifact) return
  const [written, ...others] = imagesBelow(plan, image.root, image.platform)
  if (!written || others.length === 0) return
  context.note(
    `${labelOf(image)}: ${namesOf([written])} alone is written, and not ${namesOf(others)}: this format holds one platform; an OCI archive holds all.`,
  )
}

/** What no source carries; undefined if they have everything. */
function leftOutBefore(parts: SourcedPlan[]): DeltaList | undefined {
  const left = leftOutOf(parts)
  const merged = mergedDeltas(parts.map(({ source }) => source.delta))
  const missing = merged?.missing.filter(({ digest }) => left.has(digest)) ?? []
  return merged && missing.length > 0 ? { ...merged, missing } : undefined
}
