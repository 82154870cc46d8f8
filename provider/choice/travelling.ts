import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isDigest,
  type LocalName,
  MEDIA_TYPES,
} from '../../manifests/index.js'
import { namesFor, repositoryFor } from '../names/local-names.js'
import type { PlannedImage } from '../ports.js'
import type { ChosenImage } from './chosen-image.js'

/**
 * An image and the artifacts that travel with it: signatures and attestations over it, and over the index
 * that it was chosen from.
 */
export async function withArtifacts(
  image: ChosenImage,
  options: { latest: boolean; signal?: AbortSignal },
): Promise<PlannedImage[]> {
  const own: PlannedImage = {
    root: image.root,
    names: namesFor(image.name, image.version, options.latest),
    platform: image.platform,
    companions: originOf(image),
    annotations: {
      ...image.annotations,
      [ANNOTATIONS.name]: image.name,
      [ANNOTATIONS.imageVersion]: image.version,
      ...(image.publisher ? { [ANNOTATIONS.publisher]: image.publisher } : {}),
    },
  }
  return [own, ...(await artifactsOf(image, options.signal))]
}

function originOf(image: ChosenImage): Descriptor[] {
  const digest = image.annotations[ANNOTATIONS.originIndex]
  const size = Number(image.annotations[ANNOTATIONS.originIndexSize])
  return isDigest(digest) && Number.isSafeInteger(size)
    ? [{ mediaType: MEDIA_TYPES.ociIndex, digest, size }]
    : []
}

async function artifactsOf(image: ChosenImage, signal?: AbortSignal): Promise<PlannedImage[]> {
  const { source } = image
  if (!source.referrers) return []
  const found = new Map<Digest, Descriptor>()
  for (const subject of subjectsOf(image))
    for (const artifact of await source.referrers(subject, signal ? { signal } : {}))
      if (!found.has(artifact.digest)) found.set(artifact.digest, artifact)
  return [...found.values()].map((root) => ({ root, names: tagScheme(root, image.name), annotations: {} }))
}

function subjectsOf(image: ChosenImage): Digest[] {
  const origin = image.annotations[ANNOTATIONS.originIndex]
  return isDigest(origin) ? [image.root.digest, origin] : [image.root.digest]
}

/** Cosign finds a signature by its tag beside the image's. */
function tagScheme(artifact: Descriptor, imageName: string): LocalName[] {
  const tag = artifact.annotations?.[ANNOTATIONS.refName]
  return tag ? [{ repository: repositoryFor(imageName), tag }] : []
}
