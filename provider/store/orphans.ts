import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  isManifestType,
  LIMITS,
  parseManifest,
} from '../../manifests/index.js'
import { readDocument } from '../io/files/read-document.js'
import { closureOf } from './closure.js'
import type { Places } from './places.js'

/**
 * Entries without the signatures and other artifacts of what was removed, and without what is about those.
 */
export async function withoutOrphans(
  places: Places,
  entries: Descriptor[],
  gone: Descriptor[],
): Promise<Descriptor[]> {
  let kept = entries
  for (let going = gone; going.length > 0; ) {
    const left = await closureOf(places, kept)
    const orphaned = await closureOf(places, going)
    const orphans = new Set<Descriptor>()
    for (const entry of kept) {
      const subject = await subjectOf(places, entry)
      if (subject !== undefined && orphaned.has(subject) && !left.has(subject)) orphans.add(entry)
    }
    kept = kept.filter((entry) => !orphans.has(entry))
    going = [...orphans]
  }
  return kept
}

async function subjectOf(places: Places, entry: Descriptor): Promise<Digest | undefined> {
  const tag = /:sha256-([0-9a-f]{64})(\.\w+)?$/.exec(entry.annotations?.[ANNOTATIONS.refName] ?? '')
  if (tag?.[1]) return `sha256:${tag[1]}`
  if (entry.annotations?.[ANNOTATIONS.refName] !== undefined || !isManifestType(entry.mediaType))
    return undefined
  if (entry.size > LIMITS.manifestBytes) return undefined
  try {
    const bytes = await readDocument(places.blob(entry.digest), LIMITS.manifestBytes, 'destination')
    return parseManifest(bytes, entry.mediaType).subject?.digest
  } catch {
    return undefined
  }
}
