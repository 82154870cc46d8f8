import {
  type Descriptor,
  isImageManifest,
  isManifestType,
  LIMITS,
  type Platform,
  parseConfig,
  parseManifest,
  platformOf,
  sameMachine,
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import { refNameOf } from './entries.js'
import type { NamedEntries } from './named-entries.js'
import type { Places } from './places.js'

/**
 * The entries that have the name of a new one and stay beside it: images for other machines. An entry that
 * cannot be read is not known to be one.
 */
export async function besideIt(
  places: Places,
  entries: NamedEntries,
  entry: Descriptor,
): Promise<Set<Descriptor>> {
  const beside = new Set<Descriptor>()
  const own = isManifestType(entry.mediaType) ? entry.platform : undefined
  if (!own) return beside
  for (const other of entries.called(refNameOf(entry))) {
    if (other.digest === entry.digest) continue
    const platform = await platformOfEntry(places, other)
    if (platform && !sameMachine(platform, own)) beside.add(other)
  }
  return beside
}

/** The platform in the entry, or else in the image's config; undefined for an index and for an artifact. */
async function platformOfEntry(places: Places, entry: Descriptor): Promise<Platform | undefined> {
  if (!isManifestType(entry.mediaType)) return undefined
  if (entry.platform) return entry.platform
  try {
    const bytes = await readDocument(places.blob(entry.digest), LIMITS.manifestBytes, 'destination')
    const manifest = parseManifest(bytes, entry.mediaType)
    if (!isImageManifest(manifest)) return undefined
    const config = await readDocument(places.blob(manifest.config.digest), LIMITS.configBytes, 'destination')
    return platformOf(parseConfig(config))
  } catch {
    return undefined
  }
}
