import {
  ANNOTATIONS,
  blobPath,
  ContainerImageError,
  canonicalBytes,
  DELTA_FILE,
  type Descriptor,
  type Digest,
  type DockerArchiveImage,
  deltaListBytes,
  engineName,
  formatLocalName,
  type ImageIndex,
  indexBytes,
  isImageManifest,
  isIndexType,
  isManifestType,
  LAYOUT_BYTES,
  type LocalName,
  layerCompression,
  type Manifest,
  MEDIA_TYPES,
  parseManifest,
  splitDigest,
} from '../../../manifests/index.js'
import { imagesBelow } from '../../copy/manifests-below.js'
import type { CopyPlan, PlannedImage } from '../../copy/ports.js'
import { layOut, type MemberPlan, type PlannedMember } from './member-plan.js'

export type ArchiveFormat = 'oci-archive' | 'docker-archive'

/** The members of an archive in a format, in an order that depends on the content alone. */
export function planMembers(plan: CopyPlan, format: ArchiveFormat): MemberPlan {
  const ordered = { ...plan, images: [...plan.images].sort(imagesFirst) }
  return format === 'oci-archive' ? layOut(ociMembers(ordered)) : layOut(dockerMembers(ordered))
}

/** By name, not by the order in which they were asked for; signatures and other artifacts behind the images. */
function imagesFirst(a: PlannedImage, b: PlannedImage): number {
  const key = ({ names: [name], platform, root }: PlannedImage): string =>
    `${platform ? 'image' : 'other'} ${name ? formatLocalName(name) : '~'} ${root.digest}`
  return key(a) < key(b) ? -1 : 1
}

type Unplaced = Omit<PlannedMember, 'offset'>

/**
 * An OCI layout with docker's `manifest.json` beside it, so that docker, podman, containerd and skopeo each
 * find what they know. The small files come first: a reader knows all before it meets the first layer.
 */
function ociMembers(plan: CopyPlan): Unplaced[] {
  const documents = plan.contents.filter((d) => plan.documents.has(d.digest)).sort(byDigest)
  // The largest first, as they are fetched: so the file grows from the beginning, and can be hashed as it
  // grows.
  const others = plan.contents.filter((d) => !plan.documents.has(d.digest)).sort(bySizeAndDigest)
  return [
    inMemory('oci-layout', LAYOUT_BYTES),
    inMemory('index.json', indexBytes(indexOfArchive(plan.images))),
    inMemory('manifest.json', canonicalBytes(dockerImages(plan, blobPath, (d) => blobPath(d.digest)))),
    ...(plan.delta ? [inMemory(DELTA_FILE, deltaListBytes(plan.delta))] : []),
    ...documents.map((d) => ({ ...blob(blobPath(d.digest), d), bytes: documentOf(plan, d) })),
    ...others.map((d) => blob(blobPath(d.digest), d)),
  ]
}

/** What engines older than the image-spec read: config and layers by their hex, and `manifest.json`. */
function dockerMembers(plan: CopyPlan): Unplaced[] {
  const configName = (digest: Digest): string => `${splitDigest(digest).hex}.json`
  refuseZstd(plan)
  const images = dockerImages(plan, configName, layerName)
  const used = new Map<Digest, Unplaced>()
  for (const manifest of imageManifests(plan)) {
    used.set(manifest.config.digest, blob(configName(manifest.config.digest), manifest.config))
    for (const layer of manifest.layers) used.set(layer.digest, blob(layerName(layer), layer))
  }
  const members = plan.contents.map((d) => used.get(d.digest)).filter((member) => member !== undefined)
  return [
    inMemory('manifest.json', canonicalBytes(images)),
    ...members.sort((a, b) => (a.name < b.name ? -1 : 1)),
  ]
}

/** The engines that read nothing but this format do not unpack zstd. @throws FORMAT_UNFIT */
function refuseZstd(plan: CopyPlan): void {
  const layer = imageManifests(plan)
    .flatMap(({ layers }) => layers)
    .find(({ mediaType }) => layerCompression(mediaType) === 'zstd')
  if (!layer) return
  throw new ContainerImageError(
    'FORMAT_UNFIT',
    'A docker archive cannot hold layers that are compressed with zstd.',
    {
      side: 'destination',
      expected: 'layers that are not compressed, or with gzip',
      found: `layer ${layer.digest} with zstd`,
    },
  )
}

function layerName(layer: Descriptor): string {
  const ending = layerCompression(layer.mediaType) === 'gzip' ? '.tar.gz' : '.tar'
  return `${splitDigest(layer.digest).hex}${ending}`
}

function byDigest(a: Descriptor, b: Descriptor): number {
  return a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0
}

function bySizeAndDigest(a: Descriptor, b: Descriptor): number {
  return b.size - a.size || byDigest(a, b)
}

function inMemory(name: string, bytes: Uint8Array): Unplaced {
  return { name, size: bytes.length, bytes }
}

function blob(name: string, descriptor: Descriptor): Unplaced {
  return { name, size: descriptor.size, descriptor }
}

/**
 * One entry per image, under its version: a second entry for `latest` would make `skopeo copy
 * oci-archive:FILE` ask which of two images is meant. The installing side gives `latest` itself.
 */
function indexOfArchive(images: PlannedImage[]): ImageIndex {
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: images.map(entryOf) }
}

function entryOf(image: PlannedImage): Descriptor {
  const { mediaType, digest, size, artifactType, platform } = image.root
  const [name, ...others] = image.names
  const annotations = { ...image.annotations, ...(name ? namesInIndex(image, name, others) : {}) }
  return {
    mediaType,
    digest,
    size,
    artifactType,
    platform,
    annotations: Object.keys(annotations).length > 0 ? annotations : undefined,
  }
}

/**
 * The name for skopeo and podman, and the one under which containerd's importer stores the image; a signature, a
 * chart or any other artifact has neither, as containerd would unpack it. Names in other repositories are in
 * an annotation of ours, and in docker's `manifest.json`.
 */
function namesInIndex(
  { platform }: PlannedImage,
  name: LocalName,
  others: LocalName[],
): Record<string, string> {
  const own = formatLocalName(name)
  const further = others.filter(({ repository, tag }) => repository !== name.repository || tag !== 'latest')
  return {
    ...(platform
      ? { [ANNOTATIONS.refName]: own, [ANNOTATIONS.containerdName]: engineName(name) }
      : { [ANNOTATIONS.artifactName]: own }),
    ...(further.length > 0 ? { [ANNOTATIONS.otherNames]: further.map(formatLocalName).join(' ') } : {}),
  }
}

function dockerImages(
  plan: CopyPlan,
  configName: (digest: Digest) => string,
  nameOfLayer: (layer: Descriptor) => string,
): DockerArchiveImage[] {
  const images: DockerArchiveImage[] = []
  for (const image of plan.images) {
    const manifest = manifestForEngine(plan, image)
    if (!manifest) continue
    images.push({
      Config: configName(manifest.config.digest),
      RepoTags: image.names.map(formatLocalName),
      Layers: manifest.layers.map(nameOfLayer),
    })
  }
  return images
}

function imageManifests(plan: CopyPlan): Manifest[] {
  return plan.images
    .map((image) => manifestForEngine(plan, image))
    .filter((manifest) => manifest !== undefined)
}

/** The image that an engine without indexes gets: the root itself, or the index's for the planned platform. */
function manifestForEngine(plan: CopyPlan, image: PlannedImage): Manifest | undefined {
  const bytes = documentOf(plan, image.root)
  if (isManifestType(image.root.mediaType)) {
    const manifest = parseManifest(bytes, image.root.mediaType)
    return isForEngines(manifest) ? manifest : undefined
  }
  if (!isIndexType(image.root.mediaType)) return undefined
  const [chosen] = imagesBelow(plan, image.root, image.platform)
  return chosen ? parseManifest(documentOf(plan, chosen), chosen.mediaType) : undefined
}

/** A signature may borrow the config of an image; that its layers are not tars tells it apart. */
function isForEngines(manifest: Manifest): boolean {
  return isImageManifest(manifest) && manifest.layers.every(({ mediaType }) => layerCompression(mediaType))
}

function documentOf(plan: CopyPlan, descriptor: Descriptor): Uint8Array {
  const bytes = plan.documents.get(descriptor.digest)
  if (bytes) return bytes
  throw new ContainerImageError('BLOB_MISSING', `Document ${descriptor.digest} was not read.`, {
    side: 'source',
  })
}
