import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  formatLocalName,
  formatPlatform,
  type ReceivedBlob,
  type ReceivedImage,
} from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import { fullName } from '../names/full-name.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { InstalledImage, InstallResult } from '../requests.js'
import { taggedImages } from '../store/images.js'
import { hasBlob } from '../store/ingest.js'
import type { MovedTag } from '../store/sink.js'
import type { Store } from '../store/store.js'
import { isPlannedOnly } from './open-options.js'

/** One image with all that is to be copied for it. */
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

export async function presentBlobs(store: Store, plan: CopyPlan): Promise<Set<Digest>> {
  const present = new Set<Digest>()
  for (const descriptor of plan.contents)
    if (await hasBlob(store.places, descriptor)) present.add(descriptor.digest)
  return present
}

export function receivedBlobs({ contents }: CopyPlan, before: Set<Digest>): ReceivedBlob[] {
  return contents.map(({ digest, size }) => ({
    digest,
    size,
    outcome: before.has(digest) ? 'present' : 'installed',
  }))
}

/** @param left what no source carries whole: as much is copied of it as its delta has */
export async function tellWhatWould(
  store: Store,
  parts: PlannedInstall[],
  plan: CopyPlan,
  left: ReadonlySet<Digest>,
  result: InstallResult,
): Promise<void> {
  const deltas = new Map<Digest, number>()
  for (const { source } of parts)
    for (const { digest, delta } of source.delta?.missing ?? [])
      if (left.has(digest)) deltas.set(digest, delta?.size ?? 0)
  let missing = 0
  for (const descriptor of plan.contents)
    if (!(await hasBlob(store.places, descriptor)))
      missing += deltas.get(descriptor.digest) ?? descriptor.size
  result.copiedBytes += missing
  result.reusedBytes += totalBytes(plan) - missing
  result.moved.push(...(await wouldMove(store, plan.images)))
}

export async function missingBytes(store: Store, plan: CopyPlan): Promise<number> {
  let missing = 0
  for (const descriptor of plan.contents)
    if (!(await hasBlob(store.places, descriptor))) missing += descriptor.size
  return missing
}

export function totalBytes(plan: CopyPlan): number {
  return plan.contents.reduce((sum, descriptor) => sum + descriptor.size, 0)
}

export function movedTag({ tag, from }: MovedTag): InstallResult['moved'][number] {
  const fromVersion = from.annotations?.[ANNOTATIONS.imageVersion]
  return { tag, from: from.digest, ...(fromVersion === undefined ? {} : { fromVersion }) }
}

export async function wouldMove(store: Store, planned: PlannedImage[]): Promise<InstallResult['moved']> {
  const entries = await store.entries()
  const before = (tag: string): Descriptor | undefined =>
    entries.find((entry) => entry.annotations?.[ANNOTATIONS.refName] === tag)
  const moves: InstallResult['moved'] = []
  for (const image of planned)
    for (const name of image.names) {
      const tag = formatLocalName(name)
      const entry = before(tag)
      if (entry && entry.digest !== image.root.digest) moves.push(movedTag({ tag, from: entry }))
    }
  return moves
}

export async function described(
  store: Store,
  { image, planned, plan }: PlannedInstall,
  whatIf: boolean,
): Promise<InstalledImage> {
  const tags = (planned[0]?.names ?? []).map(formatLocalName)
  const stored = whatIf ? undefined : (await taggedImages(store)).find((one) => one.refName === tags[0])
  return {
    name: image.name,
    version: image.version,
    fullName: stored?.fullName ?? fullName(image.publisher ?? 'Unknown', image.name, image.version),
    digest: plan.contents.some(isPlannedOnly) ? '' : image.root.digest,
    tags,
    platform: formatPlatform(image.platform),
    size: stored?.size ?? totalBytes(plan),
  }
}
