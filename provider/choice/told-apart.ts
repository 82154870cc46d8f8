import {
  ANNOTATIONS,
  type ArtifactKind,
  type Digest,
  hasCode,
  isArtifactEntry,
  isDigest,
  isIndexType,
  isManifestType,
  subjectOfName,
} from '../../manifests/index.js'
import { artifactAt, type FoundArtifact } from '../copy/artifact-at.js'
import { readIndex } from '../copy/documents.js'
import { entriesBelow } from '../copy/index-entries.js'
import type { ImageCollection, NamedImage } from '../copy/ports.js'

/** What a collection holds, sorted by kind. */
export interface ToldApart {
  images: NamedImage[]
  /**
   * What is not an image and not about anything here: a chart, files, a signature whose image is elsewhere.
   */
  artifacts: NamedArtifact[]
  /** Artifacts about an image or an artifact here, which go wherever that goes. */
  travelling: NamedArtifact[]
}

export interface NamedArtifact extends NamedImage {
  artifact: ArtifactKind
}

/** The one place that separates the images of a collection from everything else in it. */
export async function toldApart(collection: ImageCollection, signal?: AbortSignal): Promise<ToldApart> {
  // What is neither a manifest nor an index cannot be copied as a whole; the collection reports it in a note.
  const all = (await collection.images()).filter(
    ({ root }) => isManifestType(root.mediaType) || isIndexType(root.mediaType),
  )
  const found = await artifactsAmong(collection, all, signal)
  const images = all.filter(({ root }) => !found.get(root.digest))
  const here = await digestsOf(collection, images, signal)
  const isHere = (digest: Digest, but: Digest): boolean =>
    here.has(digest) || (digest !== but && found.get(digest) !== undefined)
  const apart: ToldApart = { images, artifacts: [], travelling: [] }
  for (const image of all) {
    const artifact = found.get(image.root.digest)
    if (!artifact) continue
    const { subject, kind, artifactType } = artifact
    const isAbout = [subject, subjectOf(image)].some((digest) => digest && isHere(digest, image.root.digest))
    apart[isAbout ? 'travelling' : 'artifacts'].push({ ...image, artifact: { kind, artifactType } })
  }
  return apart
}

/**
 * A hostile index may name tens of thousands: beyond this many they count as images, and the first is
 * reported.
 */
const MOST_UNREADABLE = 100

async function artifactsAmong(
  collection: ImageCollection,
  images: readonly NamedImage[],
  signal?: AbortSignal,
): Promise<Map<Digest, FoundArtifact | undefined>> {
  const found = new Map<Digest, FoundArtifact | undefined>()
  let unreadable = 0
  for (const { root } of images) {
    if (found.has(root.digest) || unreadable >= MOST_UNREADABLE) continue
    const artifact = await readable(artifactAt(collection, root, signal))
    if (artifact === UNREADABLE) unreadable++
    else found.set(root.digest, artifact)
  }
  return found
}

/** Anything that cannot be read counts as an image: the code that uses it then says what is wrong with it. */
async function readable<T>(reading: Promise<T>): Promise<T | typeof UNREADABLE> {
  return await reading.catch((error) => {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return UNREADABLE
  })
}

const UNREADABLE = Symbol('what cannot be read')

/** By cosign's scheme, or by the tag of the list of referrers. */
function subjectOf({ refName, root, annotations }: NamedImage): Digest | undefined {
  if (!isArtifactEntry({ ...root, annotations })) return undefined
  const names = [refName, annotations[ANNOTATIONS.refName], annotations[ANNOTATIONS.artifactName]]
  return names.map((name) => name && subjectOfName(name)).find((digest) => digest !== undefined)
}

/**
 * Everything that a signature may be for: images, their indexes, and the index that an image was chosen from.
 */
async function digestsOf(
  collection: ImageCollection,
  images: NamedImage[],
  signal?: AbortSignal,
): Promise<Set<Digest>> {
  const digests = new Set<Digest>()
  for (const { root, annotations } of images) {
    digests.add(root.digest)
    const origin = annotations[ANNOTATIONS.originIndex]
    if (isDigest(origin)) digests.add(origin)
    const entries = await readable(
      entriesBelow(root, collection.label, async (index) => {
        digests.add(index.digest)
        const read = await readable(readIndex(collection, index, signal))
        return read === UNREADABLE ? undefined : read
      }),
    )
    for (const { digest, mediaType } of entries === UNREADABLE ? [] : entries)
      if (isManifestType(mediaType) || isIndexType(mediaType)) digests.add(digest)
  }
  return digests
}
