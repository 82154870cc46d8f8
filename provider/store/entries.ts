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

/**
 * The entries with one more, in place of the one that had its name before; one without a name is useless
 * beside a named one of the same digest.
 * @param beside entries of the same name that stay, because they are for other platforms
 */
export function withEntry(
  entries: Descriptor[],
  entry: Descriptor,
  beside: ReadonlySet<Descriptor> = new Set(),
): Descriptor[] {
  const refName = refNameOf(entry)
  if (refName === undefined && entries.some((other) => isNamedTwin(other, entry))) return entries
  const others = entries.filter((other) => beside.has(other) || !isReplaced(other, entry, refName))
  return sorted([...others, entry])
}

function isNamedTwin(other: Descriptor, entry: Descriptor): boolean {
  return other.digest === entry.digest && refNameOf(other) !== undefined
}

function isReplaced(other: Descriptor, entry: Descriptor, refName: string | undefined): boolean {
  const otherName = refNameOf(other)
  return otherName === undefined ? other.digest === entry.digest : otherName === refName
}

export function refNameOf(entry: Descriptor): string | undefined {
  return entry.annotations?.[ANNOTATIONS.refName]
}

/** Sorted by name, so that the file does not depend on the order of commands. */
export function sorted(entries: Descriptor[]): Descriptor[] {
  const key = (d: Descriptor): string => `${d.annotations?.[ANNOTATIONS.refName] ?? '~'} ${d.digest}`
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
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
