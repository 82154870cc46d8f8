import { ANNOTATIONS, type Descriptor, type LocalName, parseLocalName } from '../../manifests/index.js'

/** The local name of an entry of the store's index; undefined for one without a tag. */
export function nameOf(entry: Descriptor): LocalName | undefined {
  const refName = entry.annotations?.[ANNOTATIONS.refName]
  if (refName === undefined) return undefined
  try {
    return parseLocalName(refName)
  } catch {
    // Another program may have written a name that docker would not take; it is kept and not shown.
    return undefined
  }
}

/** The entry with a name, in place of the one that had the name before. */
export function withEntry(entries: Descriptor[], entry: Descriptor): Descriptor[] {
  const refName = entry.annotations?.[ANNOTATIONS.refName]
  const others = entries.filter((other) => !isReplaced(other, entry, refName))
  return sorted([...others, entry])
}

function isReplaced(other: Descriptor, entry: Descriptor, refName: string | undefined): boolean {
  const otherName = other.annotations?.[ANNOTATIONS.refName]
  if (refName === undefined) return otherName === undefined && other.digest === entry.digest
  return otherName === refName
}

/** In the order of names, so that the file does not depend on the order of commands. */
export function sorted(entries: Descriptor[]): Descriptor[] {
  const key = (d: Descriptor): string => `${d.annotations?.[ANNOTATIONS.refName] ?? '~'} ${d.digest}`
  return entries.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
}
