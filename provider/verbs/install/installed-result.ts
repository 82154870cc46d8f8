import {
  type Digest,
  formatLocalName,
  formatPlatform,
  type ReceivedBlob,
  type ReceivedImage,
} from '../../../manifests/index.js'
import { type ChosenImage, fullNameOf } from '../../choice/chosen-image.js'
import { platformsOfIndex } from '../../choice/platforms-of-index.js'
import { carriedWith } from '../../choice/travelling.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../../copy/ports.js'
import { imagesByKey, nameKey, type TaggedImage } from '../../store/images.js'
import { movesOf } from '../../store/moved-names.js'
import type { Store } from '../../store/store.js'
import { isPlannedOnly } from '../../targets/open-options.js'
import type { InstalledImage, InstallResult } from './request.js'

/** One image with everything to be copied for it. */
export interface PlannedInstall {
  image: ChosenImage
  source: ImageSource
  planned: PlannedImage[]
  plan: CopyPlan
}

/** Until it is installed, an image counts as refused. */
export function refusedImage({ name, version, platform, root }: ChosenImage): ReceivedImage {
  return { name, version, platform: formatPlatform(platform), digest: root.digest, outcome: 'refused' }
}

/** @param before what was there before the install */
export function receivedBlobs({ contents }: CopyPlan, before: ReadonlySet<Digest>): ReceivedBlob[] {
  return contents.map(({ digest, size }) => ({
    digest,
    size,
    outcome: before.has(digest) ? 'present' : 'installed',
  }))
}

/**
 * @param present what is there
 * @param left what no source carries completely: for these, only the size of the delta counts
 */
export async function tellWhatWould(
  store: Store,
  parts: PlannedInstall[],
  plan: CopyPlan,
  { present, left }: { present: ReadonlySet<Digest>; left: ReadonlySet<Digest> },
  result: InstallResult,
): Promise<void> {
  const deltas = new Map<Digest, number>()
  for (const { source } of parts)
    for (const { digest, delta } of source.delta?.missing ?? [])
      if (left.has(digest)) deltas.set(digest, delta?.size ?? 0)
  let missing = 0
  for (const { digest, size } of plan.contents)
    if (!present.has(digest)) missing += deltas.get(digest) ?? size
  result.copiedBytes += missing
  result.reusedBytes += totalBytes(plan) - missing
  const moved = await movesOf(store, plan.images)
  result.moved.push(...(isMadeFirst(plan) ? moved.map((one) => ({ ...one, to: '' as const })) : moved))
}

/** Its digest is known once its layers are made. */
function isMadeFirst(plan: CopyPlan): boolean {
  return plan.contents.some(isPlannedOnly)
}

function totalBytes(plan: CopyPlan): number {
  return plan.contents.reduce((sum, descriptor) => sum + descriptor.size, 0)
}

/** What was installed, as the store has it now, in the order of the parts; for a what-if, as it would be. */
export async function described(
  store: Store,
  parts: readonly PlannedInstall[],
  whatIf: boolean,
): Promise<InstalledImage[]> {
  const documents = new Map(parts.flatMap(({ plan }) => [...plan.documents]))
  const stored = whatIf ? new Map() : await imagesByKey(store, new Set(parts.map(keyOf)), documents)
  return parts.map((part) => describedOne(part, stored.get(keyOf(part))))
}

function keyOf({ image, planned }: PlannedInstall): string {
  return nameKey(image.root.digest, planned[0]?.names[0])
}

function describedOne(
  { image, planned, plan }: PlannedInstall,
  stored: TaggedImage | undefined,
): InstalledImage {
  return {
    name: image.name,
    version: image.version,
    fullName: stored?.fullName ?? fullNameOf(image),
    digest: isMadeFirst(plan) ? '' : image.root.digest,
    tags: (planned[0]?.names ?? []).map(formatLocalName),
    platform: formatPlatform(image.platform),
    ...platformsOfIndex(image.root, plan),
    size: stored?.size ?? totalBytes(plan),
    ...image.artifact,
    ...carriedWith(image.root.digest, planned),
  }
}
