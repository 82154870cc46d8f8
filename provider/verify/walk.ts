import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  type Digest,
  isImageManifest,
  isIndexType,
  isManifestType,
  LIMITS,
  parseConfig,
  parseIndex,
  parseManifest,
} from '../../manifests/index.js'
import type { ImageSource } from '../ports.js'
import type { VerifyProblem } from '../requests.js'
import { readVerified } from '../verified/read-verified.js'
import { problemOf } from './problems.js'

export interface Walked {
  /** Everything that the roots need, each digest once. */
  needed: Map<Digest, Descriptor>
  problems: VerifyProblem[]
}

/** Follows every root to its layers, and gathers what is wrong with the documents instead of stopping at it. */
export async function walkDocuments(
  source: ImageSource,
  roots: Descriptor[],
  signal?: AbortSignal,
): Promise<Walked> {
  const needed = new Map<Digest, Descriptor>()
  const problems: VerifyProblem[] = []

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    const known = needed.get(descriptor.digest)
    if (known) {
      if (known.size !== descriptor.size)
        problems.push(problemOf(twoSizes(known, descriptor), { descriptor }))
      return
    }
    needed.set(descriptor.digest, descriptor)
    try {
      for (const child of await children(descriptor, depth)) await visit(child, depth + 1)
    } catch (error) {
      problems.push(problemOf(error, { descriptor, path: source.label }))
    }
  }

  async function children(descriptor: Descriptor, depth: number): Promise<Descriptor[]> {
    if (isIndexType(descriptor.mediaType)) {
      if (depth > LIMITS.indexDepth) throw tooDeep(source.label)
      return parseIndex(
        await readVerified(source, descriptor, LIMITS.indexBytes, signal),
        descriptor.mediaType,
      ).manifests
    }
    if (!isManifestType(descriptor.mediaType)) return []
    const bytes = await readVerified(source, descriptor, LIMITS.manifestBytes, signal)
    const manifest = parseManifest(bytes, descriptor.mediaType)
    if (isImageManifest(manifest)) {
      const config = parseConfig(await readVerified(source, manifest.config, LIMITS.configBytes, signal))
      if (config.rootfs.diff_ids.length !== manifest.layers.length)
        throw unequal(config.rootfs.diff_ids, manifest.layers)
    }
    return [manifest.config, ...manifest.layers]
  }

  for (const root of roots) await visit(root, 0)
  return { needed, problems }
}

/** The digests of indexes that images were chosen from: welcome, not needed. */
export function originsOf(roots: Descriptor[]): Set<Digest> {
  return new Set(
    roots.map((root) => root.annotations?.[ANNOTATIONS.originIndex]).filter((digest) => digest !== undefined),
  )
}

function twoSizes(a: Descriptor, b: Descriptor): ContainerImageError {
  return new ContainerImageError('SIZE_MISMATCH', `Blob ${a.digest} is said to have two sizes.`, {
    expected: `${a.size} bytes`,
    found: `${b.size} bytes`,
  })
}

function tooDeep(label: string): ContainerImageError {
  return new ContainerImageError('NESTING_TOO_DEEP', `${label}: indexes are nested too deep.`, {
    expected: `at most ${LIMITS.indexDepth} levels`,
    found: 'more',
  })
}

function unequal(diffIds: unknown[], layers: unknown[]): ContainerImageError {
  return new ContainerImageError('INVALID_DOCUMENT', 'A manifest and its config disagree.', {
    expected: `${diffIds.length} layers, as the config says`,
    found: `${layers.length} layers`,
  })
}
