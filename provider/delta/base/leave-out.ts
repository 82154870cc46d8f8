import {
  type CarriedDelta,
  type DeltaBase,
  type DeltaList,
  type Descriptor,
  type Digest,
  MEDIA_TYPES,
  type MissingBlob,
} from '../../../manifests/index.js'
import { manifestsBelow } from '../../copy/manifests-below.js'
import type { CopyPlan, PlannedImage } from '../../copy/ports.js'
import { type Base, imagesWith, type StackedLayer } from './base.js'
import { stackOf } from './stacks.js'

/**
 * A plan without the layers that all of the bases have, and the list that says so. Documents are always included: they
 * are small, and the installing side has to read them before it can miss anything.
 * @param before what the source of the plan itself does not carry
 */
export function withoutBase(plan: CopyPlan, bases: Base[], before?: DeltaList): CopyPlan {
  const layers = layersOf(plan)
  const left = new Map<Digest, MissingBlob>()
  const leftBefore = new Map(before?.missing.map((blob) => [blob.digest, blob]))
  for (const descriptor of plan.contents) {
    if (plan.documents.has(descriptor.digest)) continue
    const known = leftBefore.get(descriptor.digest)
    const uses = layers.get(descriptor.digest) ?? [{ who: '', layer: { descriptor } }]
    const inBase = commonImages(
      bases,
      uses.map(({ layer }) => layer),
    )
    if (!known && !inBase) continue
    left.set(descriptor.digest, {
      digest: descriptor.digest,
      size: descriptor.size,
      neededBy: sorted(uses.map(({ who }) => who)),
      inBase: sorted([...(inBase ?? []), ...(known?.inBase ?? [])]),
      delta: known?.delta && !inBase ? known.delta : undefined,
    })
  }
  if (left.size === 0) return plan
  const carried = [...left.values()].flatMap(({ delta }) => (delta ? [deltaDescriptor(delta)] : []))
  const contents = [...carried, ...plan.contents.filter(({ digest }) => !left.has(digest))]
  const missing = [...left.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))
  return { ...plan, contents, delta: { deltaVersion: 1, bases: basesOf(bases, before), missing } }
}

/** A delta, described as a blob to be copied. */
export function deltaDescriptor({ digest, size }: CarriedDelta): Descriptor {
  return { mediaType: MEDIA_TYPES.layerDelta, digest, size }
}

/** The images that have a layer in every one of the bases; undefined if one of the bases lacks it. */
function commonImages(bases: Base[], uses: StackedLayer[]): string[] | undefined {
  if (bases.length === 0) return undefined
  const images = new Set<string>()
  for (const base of bases)
    for (const layer of uses) {
      const having = imagesWith(base, layer)
      if (!having) return undefined
      for (const image of having) images.add(image)
    }
  return [...images]
}

function sorted(texts: string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort()
}

/** In an order of their own: the same bases give the same delta, in whatever order they were named. */
export function basesOf(bases: Base[], before?: DeltaList): DeltaBase[] {
  const own = bases.map(({ kind, id, name, created }) => ({
    kind,
    id,
    name,
    created,
  }))
  const all = new Map([...(before?.bases ?? []), ...own].map((base) => [base.id, base]))
  return [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

interface Use {
  who: string
  layer: StackedLayer
}

/** Every layer of the images of a plan, by its digest, with each stack that it is part of. */
function layersOf(plan: CopyPlan): Map<Digest, Use[]> {
  const uses = new Map<Digest, Use[]>()
  for (const image of plan.images)
    for (const descriptor of manifestsBelow(plan, image.root))
      for (const layer of stackOf(plan, descriptor)) {
        const { digest } = layer.descriptor
        const known = uses.get(digest) ?? []
        known.push({ who: nameOf(image), layer })
        uses.set(digest, known)
      }
  return uses
}

function nameOf({ names: [name], root }: PlannedImage): string {
  return name ? `${name.repository} ${name.tag}` : root.digest
}
