import { ANNOTATIONS, type Descriptor, type Digest } from '../../manifests/index.js'
import type { PlannedImage } from '../copy/ports.js'
import { entriesFor, refNameOf } from './entries.js'
import { besideIt } from './entry-platform.js'
import { NamedEntries } from './named-entries.js'
import type { Places } from './places.js'
import type { Store } from './store.js'

/** A name that means another image than before. */
export interface MovedName {
  /** `debian:latest`. */
  tag: string
  /** Of the manifest that it named; in an engine the image's id there. */
  from: Digest
  /** Of the image that it named, if known. */
  fromVersion?: string
  /**
   * Of the manifest that it names now; in an engine that of the config, like its ids. Empty for an image that
   * a what-if has not made.
   */
  to: Digest | ''
  /** Of the image that it names now, if known. */
  toVersion?: string
}

/** The names that some images would take from others. */
export async function movesOf(
  { places, entries }: Store,
  images: readonly PlannedImage[],
): Promise<MovedName[]> {
  const before = new NamedEntries(await entries())
  const moved: MovedName[] = []
  for (const entry of images.flatMap(entriesFor)) {
    const move = moveOf(before, entry, await besideIt(places, before, entry))
    if (move) moved.push(move)
  }
  return moved
}

/** Entries with more of them, each in place of what had its name for the same machine. */
export interface WithNames {
  entries: Descriptor[]
  /** The names that were taken from others. */
  moved: MovedName[]
}

/** Gives names in an index that is about to be written. */
export async function withNames(
  places: Places,
  before: readonly Descriptor[],
  given: readonly Descriptor[],
): Promise<WithNames> {
  const entries = new NamedEntries(before)
  const moved: MovedName[] = []
  for (const entry of given) {
    const beside = await besideIt(places, entries, entry)
    const move = moveOf(entries, entry, beside)
    if (move) moved.push(move)
    entries.add(entry, beside)
  }
  return { entries: entries.all(), moved }
}

/** @param beside entries of the same name that stay, as they are for other platforms */
function moveOf(
  entries: NamedEntries,
  entry: Descriptor,
  beside: ReadonlySet<Descriptor>,
): MovedName | undefined {
  const tag = refNameOf(entry)
  const before = entries.called(tag).find((other) => !beside.has(other))
  if (tag === undefined || !before || before.digest === entry.digest) return undefined
  return {
    tag,
    from: before.digest,
    fromVersion: before.annotations?.[ANNOTATIONS.imageVersion],
    to: entry.digest,
    toVersion: entry.annotations?.[ANNOTATIONS.imageVersion],
  }
}
