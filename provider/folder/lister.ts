import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { FolderImage, FolderLister } from '../../catalog/ports.js'
import {
  ANNOTATIONS,
  ContainerImageError,
  hasCode,
  LAYOUT_FILE,
  type Platform,
  printable,
  throwIfAborted,
} from '../../manifests/index.js'
import { imagesIn } from '../choice/archive-images.js'
import type { RootChoice } from '../choice/chosen-image.js'
import type { ScratchPlace } from '../files/scratch.js'
import { fromSystem } from '../files/system-errors.js'
import { isLaterPart } from '../open/is-wim-file.js'
import { openPath } from '../open/open-path.js'
import type { ImageCollection, OfferedImage } from '../ports.js'
import { isVolumeName, readVolume } from '../volumes/volume.js'
import { isReadableName } from './readable-names.js'

/** A folder that holds more files than this is no folder of archives. */
const MOST_FILES = 10_000

/** Lists the images of a folder: of a layout its own, otherwise those of every archive and layout in it. */
export function folderLister(host: Platform, scratch?: ScratchPlace): FolderLister {
  return {
    async images(folder, { signal }) {
      const found: { entries: FolderImage[]; notes: string[] } = { entries: [], notes: [] }
      const choice: RootChoice = { host, allPlatforms: true, ...(signal ? { signal } : {}) }
      for (const candidate of await candidates(folder)) {
        throwIfAborted(signal)
        try {
          found.entries.push(...(await imagesOf(candidate, choice, scratch)))
        } catch (error) {
          if (hasCode(error, 'INTERRUPTED')) throw error
          const reason = error instanceof Error ? error.message : String(error)
          found.notes.push(`${printable(path.basename(candidate))} is left out: ${printable(reason)}`)
        }
      }
      return found
    },
  }
}

async function candidates(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw fromSystem(error, `Reading ${folder}`, 'source')
  })
  if (entries.some((entry) => entry.name === LAYOUT_FILE)) return [folder]
  if (entries.length > MOST_FILES)
    throw new ContainerImageError('SOURCE_INVALID', `${folder} holds too many files.`, {
      expected: `at most ${MOST_FILES}`,
      found: entries.length,
    })
  const inOrder = entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  const files = inOrder.filter((entry) => entry.isFile() && isReadableName(entry.name))
  const layouts: string[] = []
  for (const entry of inOrder.filter((one) => one.isDirectory()))
    if (await isLayout(path.join(folder, entry.name))) layouts.push(path.join(folder, entry.name))
  const archives = await oneOfEachSet(files.map((entry) => path.join(folder, entry.name)))
  return [...archives, ...layouts]
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

async function isLayout(folder: string): Promise<boolean> {
  return await stat(path.join(folder, LAYOUT_FILE)).then(
    (stats) => stats.isFile(),
    () => false,
  )
}

async function imagesOf(
  candidate: string,
  choice: RootChoice,
  scratch: ScratchPlace | undefined,
): Promise<FolderImage[]> {
  if (await isLaterPart(candidate)) return []
  const collection = await openPath(candidate, {
    ...(scratch ? { scratch } : {}),
    ...(choice.signal ? { signal: choice.signal } : {}),
  })
  try {
    if (collection.offers) return await offeredBy(candidate, await collection.offers())
    const named = await collection.images()
    const chosen = await imagesIn(collection, {}, choice)
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
        digest: image.root.digest,
        location: { kind: 'path', path: candidate, image: own?.refName ?? image.root.digest },
        ...(image.publisher ? { publisher: image.publisher } : {}),
      }
    })
  } finally {
    await collection.close()
  }
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
    location: { kind: 'path', path: candidate, ...(image ? { image } : {}) },
    ...(publisher ? { publisher } : {}),
  }))
}
