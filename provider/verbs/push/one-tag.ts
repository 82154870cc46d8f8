import { groupedBy } from '../../../manifests/groups.js'
import {
  type Descriptor,
  digestOf,
  formatPlatform,
  indexBytes,
  isManifestType,
  MEDIA_TYPES,
  sameMachine,
} from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import type { ImageSource } from '../../copy/ports.js'
import type { ImageToPush } from './image-to-push.js'

/**
 * Images with the same name for several machines, as one index of just these: in a registry a tag means one
 * thing. The same images give the same bytes.
 */
export function underOneTag(images: ImageToPush[]): ImageToPush[] {
  const groups = groupedBy(images, ({ repository, tags }) => JSON.stringify([repository, [...tags].sort()]))
  return [...groups.values()].flatMap((group) => (areForSeveral(group) ? [joined(group)] : group))
}

/** Images from the same place, each for another machine; the place may have been opened once for each. */
function areForSeveral([first, ...others]: ImageToPush[]): boolean {
  if (!first || others.length === 0) return false
  const all = [first, ...others].map(({ image }) => image)
  return all.every((one, at) => {
    const { root, platform, source } = one
    if (!platform || !isManifestType(root.mediaType) || source.label !== first.image.source.label)
      return false
    return all.slice(at + 1).every((other) => other.platform && !sameMachine(platform, other.platform))
  })
}

function joined(group: ImageToPush[]): ImageToPush {
  const [first] = group as [ImageToPush]
  const manifests = group.map(({ image }) => entryOf(image)).sort(byPlatform)
  const bytes = indexBytes({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests })
  const root = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(bytes), size: bytes.length }
  const source = withDocument(first.image.source, root, bytes)
  return { ...first, image: { ...first.image, root, source, annotations: {} } }
}

function entryOf({ root, platform }: ChosenImage): Descriptor {
  const { mediaType, digest, size } = root
  return { mediaType, digest, size, platform }
}

function byPlatform(a: Descriptor, b: Descriptor): number {
  return formatPlatform(a.platform) < formatPlatform(b.platform) ? -1 : 1
}

/** A source that has one more document. */
function withDocument(source: ImageSource, document: Descriptor, bytes: Uint8Array): ImageSource {
  const isIt = ({ digest }: Descriptor): boolean => digest === document.digest
  return {
    label: source.label,
    concurrency: source.concurrency,
    delta: source.delta,
    resolve: (name, options) => source.resolve(name, options),
    read: (descriptor, options) =>
      isIt(descriptor) ? read(bytes, options?.from) : source.read(descriptor, options),
    locate: async (descriptor) => (isIt(descriptor) ? undefined : await source.locate?.(descriptor)),
    holds:
      source.holds && (async (descriptor) => isIt(descriptor) || (await source.holds?.(descriptor)) === true),
    knownLayer: source.knownLayer?.bind(source),
    order: source.order?.bind(source),
    referrers: source.referrers?.bind(source),
    close: () => source.close(),
  }
}

async function* read(bytes: Uint8Array, from = 0): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(from)
}
