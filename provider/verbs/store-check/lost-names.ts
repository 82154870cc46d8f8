import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  familiarName,
  formatLocalName,
  type Receipt,
} from '../../../manifests/index.js'
import type { NamedImage } from '../../copy/ports.js'
import { storeLog } from '../../receipts/log.js'
import { sorted } from '../../store/entries.js'
import { rootsAmong } from '../../store/found-roots.js'
import type { Places } from '../../store/places.js'
import type { SweptBlob } from '../../store/sweep.js'

/** What was recovered of an index. */
export interface FoundEntries {
  entries: Descriptor[]
  /** Those of them whose names could not be found out. */
  nameless: Descriptor[]
}

/**
 * The entries that the lost index of a store had: the blobs show which images there are, and its receipts and
 * other places what they were called. An image that had several names may now have fewer.
 * @param blobs whose bytes are right
 * @param elsewhere images in other places
 */
export async function lostEntries(
  places: Places,
  blobs: readonly SweptBlob[],
  elsewhere: readonly NamedImage[],
): Promise<FoundEntries> {
  const receipts = await storeLog(places).catch((): Receipt[] => [])
  const names = namesIn(receipts, elsewhere)
  const roots = await rootsAmong(places, blobs, new Set(names.keys()))
  const entries: Descriptor[] = []
  const nameless: Descriptor[] = []
  const taken = new Set<string>()
  for (const root of roots) {
    const known = (names.get(root.digest) ?? []).filter(({ refName }) => !taken.has(refName))
    if (known.length === 0) nameless.push(root)
    for (const { refName, annotations } of known) {
      taken.add(refName)
      entries.push({
        ...root,
        annotations: { ...root.annotations, ...annotations, [ANNOTATIONS.refName]: refName },
      })
    }
  }
  return { entries: sorted([...entries, ...nameless]), nameless }
}

interface FoundName {
  refName: string
  annotations: Record<string, string>
}

/** Other places know more than a receipt; among receipts the last one counts. */
function namesIn(receipts: readonly Receipt[], elsewhere: readonly NamedImage[]): Map<Digest, FoundName[]> {
  const found = new Map<Digest, FoundName[]>()
  const add = (digest: Digest, refName: string | undefined, annotations: Record<string, string>): void => {
    const known = found.get(digest) ?? []
    if (refName === undefined || known.some((one) => one.refName === refName)) return
    found.set(digest, [...known, { refName, annotations }])
  }
  for (const { root, refName, annotations } of elsewhere)
    if (refName !== undefined) add(root.digest, familiar(refName), annotations)
  for (const { images } of [...receipts].reverse())
    for (const { name, version, digest, outcome } of images)
      if (outcome !== 'refused')
        add(digest, familiar(`${name.toLowerCase()}:${version}`), {
          [ANNOTATIONS.name]: name,
          [ANNOTATIONS.imageVersion]: version,
        })
  return found
}

/** Undefined for what cannot be a name here. */
function familiar(text: string): string | undefined {
  try {
    return formatLocalName(familiarName(text))
  } catch {
    return undefined
  }
}
