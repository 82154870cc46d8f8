import {
  ContainerImageError,
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  LIMITS,
  type Manifest,
  parseConfig,
  parseIndex,
  parseManifest,
  type Side,
} from '../../manifests/index.js'
import type { ImageSource } from './ports.js'
import { readOnce } from './read-once.js'

/**
 * Parses a document, and says in its error where the document is.
 * @param where for the message: an archive's path, a registry's label, with the digest where there is one
 */
export function parsed<T>(where: string, parse: () => T, side: Side = 'source'): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ContainerImageError) || error.side !== undefined) throw error
    const { code, message, remedy, expected, found, details } = error
    const facts = Object.entries({ expected, found, details }).filter(([, value]) => value !== undefined)
    throw new ContainerImageError(code, `${where}: ${message}`, {
      ...Object.fromEntries(facts),
      side,
      remedy,
      cause: error,
    })
  }
}

/** @throws INVALID_DOCUMENT, DOCUMENT_TOO_LARGE, DIGEST_MISMATCH, SIZE_MISMATCH and what the source throws */
export async function readManifest(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<Manifest> {
  const bytes = await readOnce(source, descriptor, LIMITS.manifestBytes, signal)
  return parsed(place(source, descriptor), () => parseManifest(bytes, descriptor.mediaType))
}

/** @throws as readManifest */
export async function readIndex(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<ImageIndex> {
  const bytes = await readOnce(source, descriptor, LIMITS.indexBytes, signal)
  return parsed(place(source, descriptor), () => parseIndex(bytes, descriptor.mediaType))
}

/** @throws as readManifest */
export async function readConfig(
  source: ImageSource,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<ImageConfig> {
  const bytes = await readOnce(source, descriptor, LIMITS.configBytes, signal)
  return parsed(place(source, descriptor), () => parseConfig(bytes))
}

/** For messages: where a document is, and which one it is. */
export function place(source: Pick<ImageSource, 'label'>, { digest }: Descriptor): string {
  return `${source.label}, ${digest}`
}
