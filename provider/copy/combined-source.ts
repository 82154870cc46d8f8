import { ContainerImageError, type Descriptor, type Digest } from '../../manifests/index.js'
import type { CopyPlan, ImageSource } from '../ports.js'

/** Several sources as one, each for the blobs of its own plan; a blob that two have comes from the first. */
export function combined(parts: { source: ImageSource; plan: CopyPlan }[]): {
  source: ImageSource
  plan: CopyPlan
} {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const owner = new Map<Digest, ImageSource>()
  const contents = new Map<Digest, Descriptor>()
  const documents = new Map<Digest, Uint8Array>()
  for (const { source, plan } of parts) {
    for (const descriptor of plan.contents) {
      if (!owner.has(descriptor.digest)) owner.set(descriptor.digest, source)
      if (!contents.has(descriptor.digest)) contents.set(descriptor.digest, descriptor)
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
  return {
    plan: { contents: [...contents.values()], documents, images: parts.flatMap(({ plan }) => plan.images) },
    source: {
      label: parts.map(({ source }) => source.label).join(', '),
      concurrency: Math.min(...parts.map(({ source }) => source.concurrency)),
      resolve: async (name) => {
        throw new ContainerImageError('NOT_FOUND', `Which of several sources has ${name} is not known.`, {
          side: 'source',
        })
      },
      read: (descriptor, options) => ownerOf(descriptor).read(descriptor, options),
      locate: async (descriptor) => await ownerOf(descriptor).locate?.(descriptor),
      close: async () => {
        for (const { source } of parts) await source.close()
      },
    },
  }
}
