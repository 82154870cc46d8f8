import path from 'node:path'
import type { FolderImage, FolderLister } from '../../../catalog/ports.js'
import {
  ANNOTATIONS,
  type Descriptor,
  hasCode,
  isIndexType,
  type Platform,
  printable,
  throwIfAborted,
} from '../../../manifests/index.js'
import { absentNotes } from '../../choice/absent-notes.js'
import { imagesIn } from '../../choice/archive-images.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import { partsOf } from '../../copy/index-parts.js'
import type { ImageCollection, OfferedImage } from '../../copy/ports.js'
import { isLaterPart } from '../../formats/open/is-wim-file.js'
import { openPath } from '../../formats/open/open-path.js'
import { closing } from '../../io/closing/closing.js'
import type { ScratchPlace } from '../../io/files/scratch.js'
import { candidatesIn } from './candidates.js'

/**
 * Lists the images of a folder: those of the layout that it is, otherwise those of every archive and layout
 * in it.
 */
export function folderLister(host: Platform, scratch?: ScratchPlace): FolderLister {
  return {
    async images(folder, { signal }) {
      const found: { entries: FolderImage[]; notes: string[] } = { entries: [], notes: [] }
      const choice: RootChoice = { host, allPlatforms: true, signal }
      for (const candidate of await candidatesIn(folder, found.notes)) {
        throwIfAborted(signal)
        try {
          found.entries.push(...(await imagesOf(candidate, choice, found.notes, scratch)))
        } catch (error) {
          // If the file itself was named, its problem is all there is to report.
          if (hasCode(error, 'INTERRUPTED') || candidate === folder) throw error
          const reason = error instanceof Error ? error.message : String(error)
          found.notes.push(`${printable(path.basename(candidate))} is left out: ${printable(reason)}`)
        }
      }
      return found
    },
  }
}

async function imagesOf(
  candidate: string,
  choice: RootChoice,
  notes: string[],
  scratch: ScratchPlace | undefined,
): Promise<FolderImage[]> {
  if (await isLaterPart(candidate)) return []
  const collection = await openPath(candidate, {
    scratch,
    signal: choice.signal,
  })
  return await closing(collection, async () => {
    if (collection.offers) return await offeredBy(candidate, await collection.offers())
    const named = await collection.images()
    const chosen = await imagesIn(collection, {}, choice)
    notes.push(...(await absentNotes(collection, choice.signal)))
    const listed: FolderImage[] = []
    for (const image of chosen) {
      const own = named.find((one) => one.root.digest === image.root.digest)
      const summary = own?.annotations[ANNOTATIONS.description]
      listed.push({
        name: image.name,
        version: image.version,
        platform: image.platform,
        platforms: await platformsBelow(collection, image.root, choice),
        summary: printable(
          `${summary ?? `${collection.format} ${path.basename(candidate)}`}${againstBase(collection)}`,
        ),
        artifact: image.artifact,
        digest: image.root.digest,
        otherNames: image.otherNames,
        location: { kind: 'path', path: candidate, image: own?.refName ?? image.root.digest },
        publisher: image.publisher,
      })
    }
    return listed
  })
}

/** The platforms of an index, which is one entry and stands for all of them; undefined for a single image. */
async function platformsBelow(
  collection: ImageCollection,
  root: Descriptor,
  { signal }: RootChoice,
): Promise<Platform[] | undefined> {
  if (!isIndexType(root.mediaType)) return undefined
  const { images } = await partsOf(collection, root, signal)
  return images.flatMap(({ platform }) => platform ?? [])
}

/** The note that an archive is useful only where its base is. */
function againstBase({ delta }: ImageCollection): string {
  if (!delta) return ''
  return `; a delta against ${delta.bases.map(({ name, kind }) => `${name} (${kind})`).join(' and ')}`
}

/** A WIM: its name and version are known without expanding it. */
async function offeredBy(candidate: string, offers: OfferedImage[]): Promise<FolderImage[]> {
  return offers.map(({ name, version, platform, summary, publisher, image }) => ({
    name,
    version,
    platform,
    summary: printable(summary),
    location: { kind: 'path', path: candidate, image },
    publisher,
  }))
}
