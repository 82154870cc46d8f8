import { choosePlatform, isImageEntry } from '../../catalog/platform-choice.js'
import {
  type Descriptor,
  hasCode,
  type ImageIndex,
  isImageManifest,
  isManifestType,
  type Platform,
  platformOf,
} from '../../manifests/index.js'
import { readConfig, readManifest } from '../copy/documents.js'
import type { ImageSource } from '../copy/ports.js'

/**
 * The image of an index for a machine. What an index does not say of its images, their configs say, as containerd reads
 * them too. They are only read if none of those that the index describes will do.
 * @param wanted the machine, given an index
 * @throws PLATFORM_NOT_FOUND and what the source throws
 */
export async function chosenEntry(
  source: ImageSource,
  index: ImageIndex,
  wanted: (index: ImageIndex) => Platform,
  { host, signal }: { host: Platform; signal?: AbortSignal | undefined },
): Promise<Descriptor> {
  try {
    return choosePlatform(index, wanted(index), host)
  } catch (error) {
    if (!hasCode(error, 'PLATFORM_NOT_FOUND') || !index.manifests.some(isUndescribed)) throw error
    const described = await withPlatforms(source, index, signal)
    return choosePlatform(described, wanted(described), host)
  }
}

function isUndescribed(entry: Descriptor): boolean {
  return isManifestType(entry.mediaType) && isImageEntry(entry) && entry.platform === undefined
}

async function withPlatforms(
  source: ImageSource,
  index: ImageIndex,
  signal: AbortSignal | undefined,
): Promise<ImageIndex> {
  const manifests: Descriptor[] = []
  for (const entry of index.manifests) {
    const platform = isUndescribed(entry) ? await platformThere(source, entry, signal) : undefined
    manifests.push(platform ? { ...entry, platform } : entry)
  }
  return { ...index, manifests }
}

/** An index may name images that are not there; the others can be taken all the same. */
async function platformThere(
  source: ImageSource,
  entry: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Platform | undefined> {
  try {
    return await platformInConfig(source, entry, signal)
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND', 'BLOB_MISSING')) return undefined
    throw error
  }
}

/** The platform that an image's config says; undefined for an artifact that is not an image. */
export async function platformInConfig(
  source: ImageSource,
  root: Descriptor,
  signal: AbortSignal | undefined,
): Promise<Platform | undefined> {
  if (!isManifestType(root.mediaType)) return undefined
  const manifest = await readManifest(source, root, signal)
  if (!isImageManifest(manifest)) return undefined
  return platformOf(await readConfig(source, manifest.config, signal))
}
