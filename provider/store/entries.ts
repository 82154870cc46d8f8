import {
  ANNOTATIONS,
  type Descriptor,
  formatLocalName,
  isManifestType,
  type LocalName,
  parseLocalName,
} from '../../manifests/index.js'
import type { PlannedImage } from '../copy/ports.js'

/** The local name of an entry of the store's index; undefined for one without a tag. */
export function nameOf(entry: Descriptor): LocalName | undefined {
  const refName = entry.annotations?.[ANNOTATIONS.refName]
  if (refName === undefined) return undefined
  try {
    return parseLocalName(refName)
  } catch {
    // Another program may have written a name that docker would not accept; it is kept but not shown.
    return undefined
  }
}

export function refNameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[ANNOTATIONS.refName]
}

/** Sorted by name, so that the file does not depend on the order of commands. */
export function sorted(entries: Descriptor[]): Descriptor[] {
  const keyed = entries.map((entry) => ({ entry, key: `${refNameOf(entry) ?? '~'} ${entry.digest}` }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ entry }) => entry)
}

/** The entries of a layout's index for an image: one per name, or one without a name. */
export function entriesFor(image: PlannedImage): Descriptor[] {
  const names: (LocalName | undefined)[] = image.names.length > 0 ? image.names : [undefined]
  return names.map((name) => ({
    mediaType: image.root.mediaType,
    digest: image.root.digest,
    size: image.root.size,
    artifactType: image.root.artifactType,
    platform:
      image.root.platform || isManifestType(image.root.mediaType)
        ? (image.root.platform ?? image.platform)
        : undefined,
    annotations: { ...image.annotations, ...(name ? { [ANNOTATIONS.refName]: formatLocalName(name) } : {}) },
  }))
}
