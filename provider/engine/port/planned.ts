import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  type ImageConfig,
  impossible,
  isIndexType,
  isManifestType,
  type Manifest,
  type Platform,
  parseConfig,
  parseManifest,
  sameMachine,
} from '../../../manifests/index.js'
import { imagesBelow } from '../../copy/manifests-below.js'
import type { CopyPlan, PlannedImage } from '../../copy/ports.js'

/** The one image of a plan's root that an engine runs: for an index, that of the planned platform. */
export interface EngineBound {
  planned: PlannedImage
  manifestDescriptor: Descriptor
  manifest: Manifest
  config: ImageConfig
  diffIds: Digest[]
}

/** The images of a plan, without the artifacts that travel with them. */
export function engineBound(plan: CopyPlan): EngineBound[] {
  return plan.images
    .filter((planned) => planned.platform !== undefined)
    .map((planned) => boundOf(plan, planned))
}

function boundOf(plan: CopyPlan, planned: PlannedImage): EngineBound {
  const manifestDescriptor = manifestOf(plan, planned.root, planned.platform)
  if (!manifestDescriptor)
    throw new ContainerImageError('PLATFORM_NOT_FOUND', 'The index has no image of the platform.', {
      side: 'source',
      found: planned.root.digest,
    })
  const manifest = parseManifest(documentOf(plan, manifestDescriptor), manifestDescriptor.mediaType)
  const config = parseConfig(documentOf(plan, manifest.config))
  return { planned, manifestDescriptor, manifest, config, diffIds: config.rootfs.diff_ids }
}

function manifestOf(plan: CopyPlan, root: Descriptor, platform?: Platform): Descriptor | undefined {
  if (isManifestType(root.mediaType)) return root
  if (!isIndexType(root.mediaType)) return undefined
  const [image] = imagesBelow(plan, root, platform)
  return image?.platform && platform && sameMachine(image.platform, platform) ? image : undefined
}

function documentOf(plan: CopyPlan, { digest }: Descriptor): Uint8Array {
  const bytes = plan.documents.get(digest)
  if (bytes) return bytes
  impossible(`The plan has no document ${digest}.`)
}
