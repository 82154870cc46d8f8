import {
  ContainerImageError,
  type Descriptor,
  type Digest,
  isImageManifest,
  isIndexType,
  isManifestType,
} from '../../../manifests/index.js'
import { readConfig, readIndex, readManifest } from '../documents.js'
import { DocumentsAllowance } from '../documents-allowance.js'
import { ImageLayers } from '../image-layers.js'
import { partsOf } from '../index-parts.js'
import { refuseDeeper } from '../nesting.js'
import type { ImageCollection } from '../ports.js'
import { problemOf } from './problems.js'
import type { VerifyProblem } from './verify-result.js'

export interface Walked {
  /** Everything that the roots need, each digest once. */
  needed: Map<Digest, Descriptor>
  /** Which of them are layers. */
  layers: ImageLayers
  problems: VerifyProblem[]
}

/** Follows every root to its layers, and gathers what is wrong with the documents instead of stopping at it. */
export async function walkDocuments(
  source: ImageCollection,
  roots: Descriptor[],
  signal?: AbortSignal,
): Promise<Walked> {
  const needed = new Map<Digest, Descriptor>()
  const layers = new ImageLayers()
  const problems: VerifyProblem[] = []
  const allowance = new DocumentsAllowance(source.label)
  const take = (document: Descriptor): void => {
    // A store or a media is not taken all at once.
    if (!source.isComplete) allowance.take(document)
  }
  /** What was left out of an index, of which other images are there. */
  const leftOut = new Set<Digest>()

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    const known = needed.get(descriptor.digest)
    if (known) {
      if (known.size !== descriptor.size)
        problems.push(problemOf(twoSizes(known, descriptor), { descriptor }))
      return
    }
    needed.set(descriptor.digest, descriptor)
    // One line says that there are too many.
    if (allowance.isSpent) return
    try {
      for (const child of await children(descriptor, depth)) await visit(child, depth + 1)
    } catch (error) {
      problems.push(problemOf(error, { descriptor, path: source.label }))
    }
  }

  async function children(descriptor: Descriptor, depth: number): Promise<Descriptor[]> {
    if (isIndexType(descriptor.mediaType)) {
      refuseDeeper(depth, source.label)
      take(descriptor)
      const { manifests } = await readIndex(source, descriptor, signal)
      if (depth === 0) await tellLeftOut(descriptor)
      return manifests.filter(({ digest }) => !leftOut.has(digest))
    }
    if (!isManifestType(descriptor.mediaType)) return []
    take(descriptor)
    const manifest = await readManifest(source, descriptor, signal)
    if (isImageManifest(manifest)) {
      take(manifest.config)
      const config = await readConfig(source, manifest.config, signal)
      if (config.rootfs.diff_ids.length !== manifest.layers.length)
        throw unequal(config.rootfs.diff_ids, manifest.layers)
      layers.add(manifest, config)
    }
    return [manifest.config, ...manifest.layers]
  }

  async function tellLeftOut(index: Descriptor): Promise<void> {
    const { images, lacking } = await partsOf(source, index, signal)
    if (images.length > 0) for (const digest of lacking) leftOut.add(digest)
  }

  for (const root of roots) await visit(root, 0)
  return { needed, layers, problems }
}

function twoSizes(a: Descriptor, b: Descriptor): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `Blob ${a.digest} is said to have two sizes.`, {
    expected: `${a.size} bytes`,
    found: `${b.size} bytes`,
  })
}

function unequal(diffIds: unknown[], layers: unknown[]): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', 'A manifest and its config disagree.', {
    expected: `${diffIds.length} layers, as the config says`,
    found: `${layers.length} layers`,
  })
}
