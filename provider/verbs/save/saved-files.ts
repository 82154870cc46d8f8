import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, formatPlatform, option, shortDigest, show } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { savedFormats } from '../../formats/open/saved-formats.js'
import { noSuchPath } from '../../io/files/no-such-path.js'
import { checkMayBeMade, isPortable } from '../../io/files/portable-name.js'
import { fromSystem } from '../../io/files/system-errors.js'
import { labelOf } from '../../names/image-names.js'

/** One file to be written, with the images that go into it. */
export interface FileToSave<T extends Named = ChosenImage> {
  file: string
  images: T[]
}

type Named = Pick<ChosenImage, 'name' | 'version'> & {
  root?: ChosenImage['root']
  /** A WIM in words. */
  platform?: ChosenImage['platform'] | string
}

/**
 * Which image goes into which file: into a folder, each under its own name, as the original provider named
 * them; into a file with a known ending, all of them.
 * @param isForSeveral platforms: those of one name and version share a file. @throws PATH_NOT_FOUND if the folder is not there,
 * unless forced; USAGE for an unknown ending; CANNOT_MAKE for a name that Windows does not have; AMBIGUOUS_NAME if two images would have the same file
 */
export function filesToSave<T extends Named>(
  target: string,
  images: T[],
  force: boolean,
  ending = '.tar',
  isForSeveral = false,
): FileToSave<T>[] {
  const resolved = path.resolve(target)
  if (isFolder(resolved) || (force && path.extname(resolved) === ''))
    return oneEach(resolved, isForSeveral ? ofOneVersion(images) : images.map((image) => [image]), ending)
  const endsLikeFolder = /[\\/]$/.test(target)
  if (path.extname(resolved).toLowerCase() === ending && !endsLikeFolder) {
    if (!force && !isFolder(path.dirname(resolved))) throw noFolder(path.dirname(target), ending)
    return [{ file: possible(resolved), images }]
  }
  if (path.extname(resolved) !== '' && !endsLikeFolder && !existsSync(resolved))
    throw unknownEnding(target, ending)
  throw noFolder(target, ending)
}

/**
 * What to tell who saves under a name that Windows does not have, on a system that does: the file is made to be carried.
 * A folder that is there may have any name, such as that of the place where a stick is mounted.
 */
export function cannotBeCarried(target: string): string | undefined {
  const resolved = path.resolve(target)
  const name = path.basename(resolved)
  if (isPortable(name) || isFolder(resolved)) return undefined
  return `Windows has no files of the name ${show(name)}, and cannot copy or open this one. Use another if it may go there.`
}

/** The error gives its own name, not that of the temporary file. @throws CANNOT_MAKE */
function possible(file: string): string {
  try {
    checkMayBeMade(file)
    return file
  } catch (error) {
    throw fromSystem(error, `Writing ${file}`, 'destination')
  }
}

/** A folder, or the nearest existing one above it. */
export function existingFolder(folder: string): string {
  return isFolder(folder) || folder === path.dirname(folder) ? folder : existingFolder(path.dirname(folder))
}

/** Whether a path should be a folder: an existing one, or a name without an ending. */
export function isFolderTarget(target: string): boolean {
  return isFolder(path.resolve(target)) || path.extname(target) === ''
}

/** Images of one name and version for different machines, together. */
function ofOneVersion<T extends Named>(images: T[]): T[][] {
  const groups: T[][] = []
  const byVersion = new Map<string, T[][]>()
  for (const image of images) {
    const key = JSON.stringify([image.name, image.version])
    const alike = image.name === '' || image.platform === undefined ? [] : (byVersion.get(key) ?? [])
    const group = alike.find((some) => !some.some((one) => isOnePlace(one, image)))
    if (group) {
      group.push(image)
      continue
    }
    const own = [image]
    groups.push(own)
    if (image.platform !== undefined) byVersion.set(key, [...alike, own])
  }
  return groups
}

function oneEach<T extends Named>(folder: string, groups: T[][], ending: string): FileToSave<T>[] {
  const taken = new Map<string, T>()
  const images = groups.flatMap((group) => group[0] ?? [])
  return groups.flatMap((group) => {
    const [image] = group
    if (!image) return []
    const plain = fileName(image, ending)
    // Tags that differ only in case are one file on Windows, and `a-1` in version 2 has the same name as `a`
    // in version 1.2.
    const alike = images.filter((one) => fileName(one, ending).toLowerCase() === plain.toLowerCase())
    const twin = alike.find((one) => one !== image && isOnePlace(one, image))
    const name = alike.length > 1 ? apart(plain, ending, image) : plain
    const other = twin ?? taken.get(name.toLowerCase())
    if (other) throw sameFile(name, [other, image])
    taken.set(name.toLowerCase(), image)
    return [{ file: path.join(folder, name), images: group }]
  })
}

/** One name and version for one machine: the last image would overwrite the others. */
function isOnePlace(a: Named, b: Named): boolean {
  const areForOne = platformOf(a) === platformOf(b)
  return a.name !== '' && a.name === b.name && a.version === b.version && areForOne
}

function platformOf({ platform }: Named): string | undefined {
  return typeof platform === 'object' ? formatPlatform(platform) : platform
}

/** What distinguishes images that would have the same file: the digest. */
function apart(name: string, ending: string, { root }: Named): string {
  return root ? `${name.slice(0, -ending.length)}-${shortDigest(root.digest)}${ending}` : name
}

function sameFile(name: string, images: Named[]): ContainerImageError {
  const both = images.map((image) => show(labelOf(image))).join(' and ')
  return new ContainerImageError('AMBIGUOUS_NAME', `Two images would be saved as ${show(name)}: ${both}.`, {
    side: 'destination',
    expected: 'a file of its own for each image',
    found: both,
    remedy: 'Save them one by one into files that you name, or all of them into one file that ends in .tar.',
  })
}

/**
 * `NanoServer-10-0-14300-1010.tar`, as the original named it; without characters that Windows file systems
 * refuse. A slash in the name becomes `_`, and a `_` becomes `__`, so that two repositories never share a
 * file: `quay.io_opstree_redis-7.tar`.
 */
export function fileName(image: Named, ending = '.tar'): string {
  if (image.name === '') return `${labelOf(image)}${ending}`
  const name = image.name.replaceAll('_', '__').replaceAll('/', '_')
  const base = `${name}-${image.version.replaceAll('.', '-')}`.replace(/[^A-Za-z0-9_.-]+/g, '-')
  // `aux.x` is a device there, whatever follows the dot.
  return `${shortened(isPortable(base) ? base : `-${base}`)}${ending}`
}

/**
 * In bytes: file systems allow 255, and this is followed by the number of a volume, a digest, an extension,
 * and the suffix of an unfinished file or a lock.
 */
const LONGEST = 190

/**
 * A name and a tag may have more than 380 characters together: then the beginning, and something that
 * distinguishes it from all others.
 */
function shortened(base: string): string {
  if (base.length <= LONGEST) return base
  const sum = createHash('sha256').update(base).digest('hex').slice(0, 12)
  return `${base.slice(0, LONGEST - sum.length - 1)}-${sum}`
}

/** All of them if the ending decides; if a format is named, only its own. */
function endingsThatAre(ending: string): string {
  if (ending !== '.tar') return ending
  const all = savedFormats().flatMap(({ saved, endings = [] }) => (saved.isNamed ? endings : []))
  const known = [...new Set(all)]
  return `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`
}

function isFolder(target: string): boolean {
  return existsSync(target) && statSync(target).isDirectory()
}

function noFolder(target: string, ending: string): ContainerImageError {
  return noSuchPath(`'${show(target).slice(1, -1)}'`, {
    side: 'destination',
    expected: `an existing folder, or a file name that ends in ${ending}`,
    remedy: `Make the folder, or use ${option('force')} to have it made.`,
  })
}

function unknownEnding(target: string, ending: string): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(target)} does not have a known extension.`, {
    side: 'destination',
    expected: `an existing folder, or a file name that ends in ${endingsThatAre(ending)}`,
    found: show(path.extname(target)),
    remedy: `Give a folder, or a file name that ends in ${endingsThatAre(ending)}.`,
  })
}
