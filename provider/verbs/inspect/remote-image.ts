import {
  ContainerImageError,
  type Descriptor,
  formatPlatform,
  isArtifactEntry,
  isReference,
  show,
} from '../../../manifests/index.js'
import { attestedBy } from '../../choice/attestations.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { originIndexOf } from '../../choice/origin-index.js'
import { type CarriedArtifact, carriedWith, withArtifacts } from '../../choice/travelling.js'
import { readConfig, readIndex, readManifest } from '../../copy/documents.js'
import { entriesBelow } from '../../copy/index-entries.js'
import { closing } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import type { Context } from '../../session/context.js'
import { isPath, resolveTargets } from '../../targets/targets.js'
import { trustOf } from '../../trust/images/signatures-of.js'
import { type DescribedImage, installedIn } from './described-image.js'
import type { InspectRequest, OfferedPlatform } from './request.js'

/** An image in a registry, for which only the documents were read, and no layer. */
export interface RemoteImage extends DescribedImage {
  reference: string
  platforms?: OfferedPlatform[]
  artifacts?: CarriedArtifact[]
}

/**
 * Whether a name means an image in a registry: it was requested from there, or is a full reference to
 * something that is not here.
 */
export async function isRemote(context: Context, name: string, isAsked: boolean): Promise<boolean> {
  if (isAsked) return true
  if (!isReference(name) || isPath(name)) return false
  return imagesOfOne(name, (await installedIn(context)).images).length === 0
}

/**
 * What a registry has under a name: one image, chosen by platform if there are several.
 * @throws NO_MATCH, NOT_FOUND, PLATFORM_NOT_FOUND, USAGE for an image that is in no registry, network errors
 */
export async function remoteImage(
  context: Context,
  name: string,
  request: Pick<InspectRequest, 'platform' | 'allPlatforms' | 'noReferrers' | 'signal'>,
): Promise<RemoteImage> {
  const { platform, signal } = request
  const opened = await resolveTargets(context, name, { platform, signal, looksOnly: true })
  return await closing(
    () => opened.close(),
    async () => {
      const [image] = opened.images
      if (image?.reference === undefined) throw inNoRegistry(name)
      return await described(context, image, image.reference, request)
    },
  )
}

async function described(
  context: Context,
  image: ChosenImage,
  reference: string,
  request: Pick<InspectRequest, 'allPlatforms' | 'noReferrers' | 'signal'>,
): Promise<RemoteImage> {
  const { source, root, artifact } = image
  const { signal, noReferrers, allPlatforms = false } = request
  const manifest = await readManifest(source, root, signal)
  const index = originIndexOf(image.annotations)
  const platforms = index && (await platformsOf(image, index, allPlatforms, signal))
  const along = await withArtifacts(image, { latest: false, noReferrers, signal })
  return {
    name: reference,
    reference,
    tags: [reference],
    root: index ?? root,
    manifestDescriptor: root,
    manifest,
    ...(artifact ? { artifact } : { config: await readConfig(source, manifest.config, signal) }),
    ...(platforms ? { platforms } : {}),
    ...carriedWith(root.digest, along),
    ...(await attestedBy(source, index, root.digest, signal)),
    trust: await trustOf(context, image, along),
  }
}

async function platformsOf(
  { source, root }: ChosenImage,
  index: Descriptor,
  withSizes: boolean,
  signal?: AbortSignal,
): Promise<OfferedPlatform[]> {
  const entries = await entriesBelow(index, source.label, (one) => readIndex(source, one, signal))
  const offered: OfferedPlatform[] = []
  for (const entry of entries) {
    // docker's builds list attestations as images for no platform.
    if (isArtifactEntry(entry) || entry.platform?.os === 'unknown') continue
    const isShown = withSizes || entry.digest === root.digest
    offered.push({
      platform: formatPlatform(entry.platform),
      digest: entry.digest,
      ...(isShown ? { size: await sizeOf(source, entry, signal) } : {}),
    })
  }
  return offered
}

async function sizeOf(
  source: ChosenImage['source'],
  entry: Descriptor,
  signal?: AbortSignal,
): Promise<number> {
  const { config, layers } = await readManifest(source, entry, signal)
  return entry.size + config.size + layers.reduce((sum, { size }) => sum + size, 0)
}

function inNoRegistry(name: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(name)} is in no registry.`, {
    side: 'source',
    expected: 'a full reference, or a name that the catalog has in a registry',
    found: 'a file or a folder',
  })
}
