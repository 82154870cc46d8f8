import {
  hasCode,
  type ListedFile,
  MEDIA_FILE,
  PAGE_FILE,
  SUMS_FILE,
  signedFile,
} from '../../../manifests/index.js'
import type { Hasher } from '../../io/hashing/hasher.js'
import { sumInName, sumOf } from './blob-sums.js'
import { isOfLayout } from './files-of-layout.js'
import type { FileList, MediaLists } from './lists.js'
import { changed, extra, type MediaProblem, missing, noFile, noFolder } from './problem.js'
import { type FoundFile, walkFiles } from './walk-files.js'

export interface CheckOptions {
  hasher: Hasher
  /** Which files are read, not just looked at. */
  reads: (file: ListedFile) => boolean
  signal?: AbortSignal
}

/** Compares a media with its lists: what is missing, what has changed, and what is extra. */
export async function checkMedia(
  root: string,
  { list, other, problems }: MediaLists,
  options: CheckOptions,
): Promise<MediaProblem[]> {
  const found = new Map((await walkFiles(root)).map((file) => [file.path, file]))
  const told = new Map(problems.map((problem) => [problem.path, problem]))
  for (const { name, files } of [list, other].filter((one) => one !== undefined))
    for (const file of files) {
      const above = inTheWay(file.path, found)
      if (above) told.set(above.path, noFolder(above))
      if (above || told.has(file.path)) continue
      const problem = await compare(root, file, found.get(file.path), name, options)
      if (problem) told.set(file.path, problem)
    }
  const extras = [...found.keys()].filter((file) => !told.has(file) && !isKnown(file, list))
  return [...told.values(), ...extras.map(extra)]
}

/** The lists belong to the media, as does the page, which does not list itself. */
export function isKnown(file: string, list: FileList | undefined): boolean {
  if (file === MEDIA_FILE || file === SUMS_FILE || signedFile(file) === SUMS_FILE) return true
  if (file === PAGE_FILE && (!list || list.name === PAGE_FILE)) return true
  return list ? list.files.some(({ path }) => path === file) : isOfLayout(file)
}

/** Something in the place of a listed file's folder, such as a link; nothing behind it is looked at. */
function inTheWay(name: string, found: ReadonlyMap<string, FoundFile>): FoundFile | undefined {
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const above = found.get(name.slice(0, at))
    if (above) return above
  }
  return undefined
}

async function compare(
  root: string,
  listed: ListedFile,
  found: FoundFile | undefined,
  list: string,
  { hasher, reads, signal }: CheckOptions,
): Promise<MediaProblem | undefined> {
  const { path: name, size, sha256 } = listed
  if (!found) return missing(name, size === undefined ? `SHA-256 ${sha256}` : `${size} bytes`)
  if (found.size === undefined) return noFile(name, found.what)
  if (size !== undefined && found.size !== size)
    return changed(name, `${size} bytes`, `${found.size} bytes`, list)
  const inName = sumInName(name)
  if (inName !== undefined && inName !== sha256) return changed(name, `SHA-256 ${sha256}`, inName, list)
  if (!reads(listed)) return undefined
  try {
    const sum = await sumOf(root, name, found.size, hasher, signal)
    return sum === sha256 ? undefined : changed(name, `SHA-256 ${sha256}`, sum, list)
  } catch (error) {
    // It was cut short after its size was read.
    if (hasCode(error, 'SIZE_MISMATCH')) return changed(name, `${found.size} bytes`, `${error.found}`, list)
    throw error
  }
}
