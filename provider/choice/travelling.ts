import {
  ANNOTATIONS,
  type ArtifactKind,
  artifactOf,
  artifactOfType,
  type Descriptor,
  type Digest,
  isConfigType,
  isDigest,
  isManifestType,
  type LocalName,
} from '../../manifests/index.js'
import { readIndex, readManifest } from '../copy/documents.js'
import { entriesBelow } from '../copy/index-entries.js'
import type { ImageSource, PlannedImage } from '../copy/ports.js'
import { namesOfImage } from '../names/image-names.js'
import type { ChosenImage } from './chosen-image.js'
import { originIndexOf } from './origin-index.js'

export interface TravellingOptions {
  latest: boolean
  /** The image alone: nobody is asked for signatures and the like. */
  noReferrers?: boolean | undefined
  signal?: AbortSignal
}

/**
 * An image and the artifacts that travel with it: signatures and attestations for it, and for the index that
 * it was chosen from.
 */
export async function withArtifacts(image: ChosenImage, options: TravellingOptions): Promise<PlannedImage[]> {
  const own: PlannedImage = {
    root: image.root,
    // `latest` is for what can be run.
    names: namesOfImage(image, options.latest && image.artifact === undefined),
    platform: image.platform,
    companions: [originIndexOf(image.annotations) ?? []].flat(),
    annotations: {
      ...image.annotations,
      ...(image.name === ''
        ? {}
        : { [ANNOTATIONS.name]: image.name, [ANNOTATIONS.imageVersion]: image.version }),
      ...(image.publisher ? { [ANNOTATIONS.publisher]: image.publisher } : {}),
    },
  }
  return options.noReferrers ? [own] : [own, ...(await artifactsOf(image, options.signal))]
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

/** An image has a few; an endless list must not be followed. */
const MOST_ARTIFACTS = 1000

/** A signature may be about an SBOM, and that about an image; a longer chain is not made in good faith. */
const DEEPEST = 4

async function artifactsOf(image: ChosenImage, signal?: AbortSignal): Promise<PlannedImage[]> {
  const { source } = image
  if (!source.referrers) return []
  const found = new Map<Digest, Descriptor>()
  const depths = new Map((await subjectsOf(image, signal)).map((subject) => [subject, 0]))
  // It grows while it is iterated: a signature may be about an SBOM.
  for (const [subject, depth] of depths) {
    if (depth === DEEPEST) continue
    const options = { signal }
    for (const artifact of await source.referrers(subject, options)) {
      if (found.has(artifact.digest) || found.size === MOST_ARTIFACTS) continue
      found.set(artifact.digest, await withType(source, artifact, signal))
      if (!depths.has(artifact.digest)) depths.set(artifact.digest, depth + 1)
    }
  }
  const subjects = [...depths.keys()]
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

/**
 * The image, the index that it was chosen from, and for an index the image for each platform, including those
 * of indexes within it.
 */
async function subjectsOf(
  { source, root, annotations }: ChosenImage,
  signal?: AbortSignal,
): Promise<Digest[]> {
  const origin = annotations[ANNOTATIONS.originIndex]
  const subjects = new Set<Digest>([root.digest, ...(isDigest(origin) ? [origin] : [])])
  const entries = await entriesBelow(root, source.label, (index) => {
    subjects.add(index.digest)
    return readIndex(source, index, signal)
  })
  for (const { mediaType, digest } of entries) if (isManifestType(mediaType)) subjects.add(digest)
  return [...subjects]
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
