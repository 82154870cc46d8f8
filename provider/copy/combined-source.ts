import { groupedBy } from '../../manifests/groups.js'
import { ContainerImageError, type Descriptor, type Digest } from '../../manifests/index.js'
import { closeAll } from '../io/closing/closing.js'
import type { CopyPlan, ImageSource } from './ports.js'
import { sizeMismatch } from './verified.js'

/** Several sources as one, each for the blobs of its own plan; a blob that two have comes from the first that carries it. */
export function combined(parts: { source: ImageSource; plan: CopyPlan }[]): {
  source: ImageSource
  plan: CopyPlan
} {
  const [first] = parts
  if (parts.length === 1 && first) return first
  const owner = ownersOf(parts)
  const contents = new Map<Digest, Descriptor>()
  const documents = new Map<Digest, Uint8Array>()
  for (const { source, plan } of parts) {
    for (const descriptor of plan.contents) {
      const known = contents.get(descriptor.digest) ?? descriptor
      if (known.size !== descriptor.size) throw sizeMismatch(known, descriptor.size, source.label)
      contents.set(descriptor.digest, known)
    }
    for (const [digest, bytes] of plan.documents) documents.set(digest, bytes)
  }
  const ownerOf = (descriptor: Descriptor): ImageSource => {
    const source = owner.get(descriptor.digest)
    if (source) return source
    throw new ContainerImageError('BLOB_MISSING', `No source has blob ${descriptor.digest}.`, {
      side: 'source',
    })
  }
  const inTurn = (descriptors: Descriptor[]): Descriptor[] => {
    const owned = groupedBy(descriptors, ownerOf)
    return sources.flatMap((source) => {
      const own = owned.get(source) ?? []
      return source.order?.(own) ?? own
    })
  }
  const sources = [...new Set(parts.map(({ source }) => source))]
  const plan: CopyPlan = {
    contents: [...contents.values()],
    documents,
    images: parts.flatMap(({ plan }) => plan.images),
  }
  const [only] = sources
  if (sources.length === 1 && only) return { source: only, plan }
  return {
    plan,
    source: {
      label: sources.map(({ label }) => label).join(', '),
      concurrency: Math.min(...sources.map(({ concurrency }) => concurrency)),
      resolve: async (name) => {
        throw new ContainerImageError('NOT_FOUND', `Which of several sources has ${name} is not known.`, {
          side: 'source',
        })
      },
      read: (descriptor, options) => ownerOf(descriptor).read(descriptor, options),
      locate: async (descriptor) => await ownerOf(descriptor).locate?.(descriptor),
      knownLayer: async (layer, expected) => await ownerOf(layer).knownLayer?.(layer, expected),
      order: sources.some((source) => source.order) ? inTurn : undefined,
      close: () => closeAll(sources),
    },
  }
}

/** Which source is asked for each blob, including those that a delta carries in place of layers. */
function ownersOf(parts: { source: ImageSource; plan: CopyPlan }[]): Map<Digest, ImageSource> {
  const carriers = new Map<Digest, ImageSource>()
  const others = new Map<Digest, ImageSource>()
  for (const { source, plan } of parts) {
    const missing = new Set(source.delta?.missing.map(({ digest }) => digest))
    for (const { digest } of plan.contents) {
      const owners = missing.has(digest) ? others : carriers
      if (!owners.has(digest)) owners.set(digest, source)
    }
    for (const { delta } of source.delta?.missing ?? []) if (delta) carriers.set(delta.digest, source)
  }
  return new Map([...others, ...carriers])
}
