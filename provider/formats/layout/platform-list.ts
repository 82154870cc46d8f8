import { isImageEntry } from '../../../catalog/platform-choice.js'
import {
  ANNOTATIONS,
  type Descriptor,
  digestOf,
  formatPlatform,
  type ImageIndex,
  isArtifactEntry,
  isManifestType,
  MEDIA_TYPES,
} from '../../../manifests/index.js'
import { hasWholeNames } from '../../names/origin-names.js'

const NAMES = [ANNOTATIONS.refName, ANNOTATIONS.containerdName, ANNOTATIONS.artifactName, ANNOTATIONS.name]

/**
 * Whether the index of a layout is not a list of images with names, but the platforms of one image, as an index that a
 * name stands for is (image-layout.md lets it name anything). Each image says a platform, no two the same, and nothing
 * has a name.
 */
export function isPlatformList(index: ImageIndex): boolean {
  const { manifests } = index
  const images = manifests.filter(isImageEntry)
  const platforms = images.map(({ platform }) => platform && formatPlatform(platform))
  return (
    !hasWholeNames(index) &&
    images.length > 1 &&
    images.every((entry) => isManifestType(entry.mediaType) && !isArtifactEntry(entry)) &&
    manifests.every(({ annotations = {} }) => NAMES.every((name) => annotations[name] === undefined)) &&
    manifests.every((entry) => images.includes(entry) || isAttestation(entry)) &&
    !platforms.includes(undefined) &&
    new Set(platforms).size === images.length
  )
}

/** BuildKit's documents about an image, which are beside it in an index of platforms. */
function isAttestation({ annotations = {}, platform }: Descriptor): boolean {
  return annotations['vnd.docker.reference.type'] !== undefined || platform?.os === 'unknown'
}

/** The index itself as the root of that image. containerd names it so too (`ctr images import --index-name`). */
export function asRoot(index: ImageIndex, bytes: Uint8Array): Descriptor {
  return { mediaType: index.mediaType ?? MEDIA_TYPES.ociIndex, digest: digestOf(bytes), size: bytes.length }
}
