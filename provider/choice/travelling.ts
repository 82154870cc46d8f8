import {
  ANNOTATIONS,
  type ArtifactKind,
  artifactOf,
  artifactOfType,
  type Descriptor,
  type Digest,
  isConfigType,
  isDigest,
  isIndexType,
  isManifestType,
  type LocalName,
  MEDIA_TYPES,
} from '../../manifests/index.js'
import { readIndex, readManifest } from '../copy/documents.js'
import type { ImageSource, PlannedImage } from '../copy/ports.js'
import { namesOfImage } from '../names/image-names.js'
import type { ChosenImage } from './chosen-image.js'

/**
 * An image and the artifacts that travel with it: signatures and attestations for it, and for the index that
 * it was chosen from.
 */
export async function withArtifacts(
  image: ChosenImage,
  options: { latest: boolean; signal?: AbortSignal },
): Promise<PlannedImage[]> {
  const own: PlannedImage = {
    root: image.root,
    // `latest` is for what can be run.
    names: namesOfImage(image, options.latest && image.artifact === undefined),
    platform: image.platform,
    companions: originOf(image),
    annotations: {
      ...image.annotations,
      ...(image.name === ''
        ? {}
        : { [ANNOTATIONS.name]: image.name, [ANNOTATIONS.imageVersion]: image.version }),
      ...(image.publisher ? { [ANNOTATIONS.publisher]: image.publisher } : {}),
    },
  }
  return [own, ...(await artifactsOf(image, options.signal))]
}

/** A signature, an attestation or anything else that goes with an image, as results list it. */
export interface CarriedArtifact extends ArtifactKind {
  /** Of its manifest. */
  digest: Digest
}

/** For a result: what goes along with an image; nothing if there is none. */
export function carriedWith(image: Digest, planned: PlannedImage[]): { artifacts?: CarriedArtifact[] } {
  const artifacts = planned
    .filter(({ goesWith }) => goesWith === image)
    .map(({ root: { artifactType, mediaType, digest } }) => ({
      ...artifactOfType(artifactType ?? mediaType),
      digest,
    }))
  return artifacts.length > 0 ? { artifacts } : {}
}

function originOf(image: ChosenImage): Descriptor[] {
  const digest = image.annotations[ANNOTATIONS.originIndex]
  const size = Number(image.annotations[ANNOTATIONS.originIndexSize])
  return isDigest(digest) && Number.isSafeInteger(size)
    ? [{ mediaType: MEDIA_TYPES.ociIndex, digest, size }]
    : []
}

/** An image has a few; an endless list must not be followed. */
const MOST_ARTIFACTS = 1000

async function artifactsOf(image: ChosenImage, signal?: AbortSignal): Promise<PlannedImage[]> {
  const { source } = image
  if (!source.referrers) return []
  const subjects = await subjectsOf(image, signal)
  const found = new Map<Digest, Descriptor>()
  // The list grows while we go through it: a signature may be for a bill of materials.
  for (const subject of subjects) {
    const options = { signal }
    for (const artifact of await source.referrers(subject, options)) {
      if (found.has(artifact.digest) || found.size === MOST_ARTIFACTS) continue
      found.set(artifact.digest, await withType(source, artifact, signal))
      if (!subjects.includes(artifact.digest)) subjects.push(artifact.digest)
    }
  }
  const repositories = [...new Set(namesOfImage(image, false).map(({ repository }) => repository))]
  return [...found.values()].map((root) => ({
    root,
    names: repositories.flatMap((repository) => tagScheme(root, subjects, repository)),
    goesWith: image.root.digest,
    annotations: {},
  }))
}

/**
 * An artifact's descriptor with its type, which distinguishes it from an image wherever it goes; registries
 * leave it out (image-spec, descriptor.md: "artifactType").
 */
async function withType(
  source: ImageSource,
  artifact: Descriptor,
  signal?: AbortSignal,
): Promise<Descriptor> {
  const { artifactType, mediaType } = artifact
  const isSaid = artifactType !== undefined && !isConfigType(artifactType)
  if (isSaid || !isManifestType(mediaType)) return artifact
  const found = artifactOf(await readManifest(source, artifact, signal))
  return found ? { ...artifact, artifactType: found.artifactType } : artifact
}

/** The image, the index that it was chosen from, and for an index the image for each platform. */
async function subjectsOf(
  { source, root, annotations }: ChosenImage,
  signal?: AbortSignal,
): Promise<Digest[]> {
  const origin = annotations[ANNOTATIONS.originIndex]
  const children = isIndexType(root.mediaType) ? (await readIndex(source, root, signal)).manifests : []
  const manifests = children.filter(({ mediaType }) => isManifestType(mediaType))
  const digests = [
    root.digest,
    ...(isDigest(origin) ? [origin] : []),
    ...manifests.map(({ digest }) => digest),
  ]
  return [...new Set(digests)]
}

/**
 * Cosign finds a signature by its tag beside the image's: `sha256-<hex>.sig`. The source may not give an
 * artifact any other tag: naming it is up to us (the class of CVE-2026-50195).
 */
function tagScheme(artifact: Descriptor, subjects: Digest[], repository: string): LocalName[] {
  const tag = artifact.annotations?.[ANNOTATIONS.refName]?.split(':').at(-1) ?? ''
  const [start = '', ending = 'none', ...more] = tag.split('.')
  const isOurs = subjects.some((subject) => start === subject.replace(':', '-'))
  return isOurs && more.length === 0 && /^[a-z]{1,16}$/.test(ending) ? [{ repository, tag }] : []
}
