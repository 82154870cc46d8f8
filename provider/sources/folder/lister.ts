import type { Dirent } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import path from 'node:path'
import type { FolderImage, FolderLister } from '../../../catalog/ports.js'
import {
  ANNOTATIONS,
  beginsAsDockerList,
  ContainerImageError,
  hasCode,
  LAYOUT_FILE,
  type Platform,
  printable,
  throwIfAborted,
} from '../../../manifests/index.js'
import { isReadableName } from '../../archives/endings.js'
import { readHead } from '../../archives/members/compression.js'
import { absentNotes } from '../../choice/absent-notes.js'
import { imagesIn } from '../../choice/archive-images.js'
import type { RootChoice } from '../../choice/chosen-image.js'
import type { ImageCollection, OfferedImage } from '../../copy/ports.js'
import { isLaterPart } from '../../formats/open/is-wim-file.js'
import { openPath } from '../../formats/open/open-path.js'
import { isVolumeName, readVolume } from '../../formats/volumes/volume.js'
import { closing } from '../../io/closing/closing.js'
import { FolderFromOutside } from '../../io/files/inside-folder.js'
import { listFolder } from '../../io/files/list-folder.js'
import type { ScratchPlace } from '../../io/files/scratch.js'

/** A folder that holds more files than this is no folder of archives. */
const MOST_FILES = 10_000

/** Lists the images of a folder: of a layout its own, otherwise those of every archive and layout in it. */
export function folderLister(host: Platform, scratch?: ScratchPlace): FolderLister {
  return {
    async images(folder, { signal }) {
      const found: { entries: FolderImage[]; notes: string[] } = { entries: [], notes: [] }
      const choice: RootChoice = { host, allPlatforms: true, signal }
      for (const candidate of await candidates(folder, found.notes)) {
        throwIfAborted(signal)
        try {
          found.entries.push(...(await imagesOf(candidate, choice, found.notes, scratch)))
        } catch (error) {
          // What was named itself is all that there is to tell of.
          if (hasCode(error, 'INTERRUPTED') || candidate === folder) throw error
          const reason = error instanceof Error ? error.message : String(error)
          found.notes.push(`${printable(path.basename(candidate))} is left out: ${printable(reason)}`)
        }
      }
      return found
    },
  }
}

async function candidates(folder: string, notes: string[]): Promise<string[]> {
  if (await isFile(folder)) return [folder]
  if (await holdsImages(folder)) return [folder]
  const inOrder = await listFolder(folder, 'source', MOST_FILES).catch((error) => {
    throw hasCode(error, 'ARCHIVE_INVALID') ? tooMany(folder) : error
  })
  const files = inOrder.filter((entry) => entry.isFile() && isReadableName(entry.name))
  const layouts: string[] = []
  for (const entry of inOrder.filter((one) => one.isDirectory()))
    if (await holdsImages(path.join(folder, entry.name))) layouts.push(path.join(folder, entry.name))
  notes.push(...(await passedOver(folder, inOrder)))
  const archives = await oneOfEachSet(files.map((entry) => path.join(folder, entry.name)))
  return [...archives, ...layouts]
}

/** One archive is a source as well. */
async function isFile(place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => found.isFile(),
    () => false,
  )
}

function tooMany(folder: string): ContainerImageError {
  return new ContainerImageError('SOURCE_INVALID', `${folder} holds too many files.`, {
    expected: `at most ${MOST_FILES}`,
    found: 'more',
  })
}

/** What has the name of an archive and can be none; a link to a file beside it is nothing to be told of. */
async function passedOver(folder: string, entries: Dirent[]): Promise<string[]> {
  const outside = new FolderFromOutside(folder)
  const notes: string[] = []
  for (const entry of entries) {
    if (entry.isFile() || entry.isDirectory() || !isReadableName(entry.name)) continue
    const found = await outside.find(entry.name)
    if (found && 'what' in found) notes.push(`${printable(entry.name)} is left out: it is ${found.what}.`)
  }
  return notes
}

/** The volumes of a set are one archive; the first that is there stands for it. */
async function oneOfEachSet(files: string[]): Promise<string[]> {
  const seen = new Set<string>()
  const kept: string[] = []
  for (const file of files) {
    const volume = isVolumeName(file) ? await readVolume(file).catch(() => undefined) : undefined
    if (volume && seen.has(volume.list.set)) continue
    if (volume) seen.add(volume.list.set)
    kept.push(file)
  }
  return kept
}

/** A layout; or what docker's archive and skopeo's `dir:` are as folders, which need more than a file of that name. */
async function holdsImages(folder: string): Promise<boolean> {
  const has = (name: string): Promise<boolean> =>
    lstat(path.join(folder, name)).then(
      () => true,
      () => false,
    )
  if (await has(LAYOUT_FILE)) return true
  const list = path.join(folder, 'manifest.json')
  if (!(await isFile(list))) return false
  return (await has('version')) || beginsAsDockerList(await readHead(list, 64).catch(() => new Uint8Array(0)))
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
    return chosen.map((image) => {
      const own = named.find((one) => one.root.digest === image.root.digest)
      const summary = own?.annotations[ANNOTATIONS.description]
      return {
        name: image.name,
        version: image.version,
        platform: image.platform,
        summary: printable(
          `${summary ?? `${collection.format} ${path.basename(candidate)}`}${againstBase(collection)}`,
        ),
        artifact: image.artifact,
        digest: image.root.digest,
        otherNames: image.otherNames,
        location: { kind: 'path', path: candidate, image: own?.refName ?? image.root.digest },
        publisher: image.publisher,
      }
    })
  })
}

/** That an archive is of use only where its base is. */
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
