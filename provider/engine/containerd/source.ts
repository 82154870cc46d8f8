import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  LIMITS,
  option,
  show,
} from '../../../manifests/index.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection, NamedImage } from '../../copy/ports.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { askedName } from '../client/asked-name.js'
import { type AskOptions, output } from '../client/program.js'
import { Documents, type Inventory, inventory } from './content.js'
import type { Ctr } from './ctr.js'
import { isTagged, type Resolved } from './images.js'

/**
 * Images of containerd, read blob by blob out of its content store as they came from their registry, so that
 * nothing is exported or written in between.
 * @throws NOT_FOUND where it has none of a name
 */
export async function contentSource(
  ctr: Ctr,
  resolved: Resolved[],
  names: string[],
  options: AskOptions,
): Promise<ImageCollection> {
  const documents = new Documents(ctr, options)
  const images: NamedImage[] = []
  let content: Promise<Inventory> | undefined
  for (const name of names)
    for (const { reference } of meantBy(name, resolved, ctr.label)) {
      const { length } = await documents.bytes(reference.target, LIMITS.indexBytes)
      const root = { mediaType: reference.mediaType, digest: reference.target, size: length }
      images.push({ root, refName: reference.name, annotations: {} })
    }
  return {
    label: ctr.label,
    format: 'containerd image',
    concurrency: 4,
    images: async () => images,
    async resolve(name) {
      const found = images.find(({ root, refName }) => root.digest === name || refName === name)
      if (found) return found.root
      throw unknown(ctr.label, name)
    },
    async holds({ digest }) {
      content ??= inventory(ctr, options)
      return (await content).knows(digest)
    },
    read: (descriptor, readOptions) => contentOf(ctr, descriptor, readOptions),
    close: async () => {},
  }
}

/** The tags that a name means: itself if it has a tag or is a digest or id, otherwise `latest`. */
function meantBy(name: string, resolved: Resolved[], label: string): Resolved[] {
  const tagged = resolved.filter(({ reference }) => isTagged(reference))
  const full = askedName(name)
  const byName = resolved.find(({ reference }) => reference.name === name || reference.name === full)
  if (byName) return [byName]
  const byId = tagged.find(({ image }) => [image.id, image.digest].includes(name as Digest))
  if (byId) return [byId]
  throw unknown(
    label,
    name,
    tagged.slice(0, 10).map(({ reference }) => reference.name),
  )
}

function unknown(label: string, name: string, known: string[] = []): ContainerImageError {
  return noSuchImage(label, name, {
    side: 'source',
    expected: show(name),
    found: known.join(', ') || 'no such name',
  })
}

async function* contentOf(ctr: Ctr, { digest }: Descriptor, { from = 0, signal }: ReadOptions = {}): Bytes {
  let before = from
  try {
    for await (const chunk of output(ctr, ['content', 'get', digest], { signal })) {
      const skipped = Math.min(before, chunk.length)
      before -= skipped
      if (skipped < chunk.length) yield chunk.subarray(skipped)
    }
  } catch (error) {
    if (!(error instanceof ContainerImageError && /not found/.test(String(error.found)))) throw error
    throw new ContainerImageError('BLOB_MISSING', `${ctr.label} does not have blob ${digest}.`, {
      side: 'source',
      expected: digest,
      found: 'nothing: it may have discarded what it unpacked, or has the image of one platform only',
      remedy: `Name a platform that is there with ${option('platform')}, or fetch the image from its registry.`,
      cause: error,
    })
  }
}
