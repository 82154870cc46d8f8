import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { ContainerImageError, show } from '../../manifests/index.js'
import type { ChosenImage } from '../choice/chosen-image.js'

/** One file that is to be written, with the images that go into it. */
export interface FileToSave<T extends Named = ChosenImage> {
  file: string
  images: T[]
}

type Named = Pick<ChosenImage, 'name' | 'version'>

/** The endings of what can be written. */
export type Ending = '.tar' | '.wim' | '.swm' | '.zip' | '.7z'

/**
 * Which image goes into which file: into a folder each under its own name, as the original provider named
 * them; into a file with a known ending all of them.
 * @throws PATH_NOT_FOUND where the folder is not there, unless forced; USAGE for an unknown ending;
 * AMBIGUOUS_NAME where two images would have one file
 */
export function filesToSave<T extends Named>(
  target: string,
  images: T[],
  force: boolean,
  ending: Ending = '.tar',
): FileToSave<T>[] {
  const resolved = path.resolve(target)
  if (isFolder(resolved) || (force && path.extname(resolved) === '')) return oneEach(resolved, images, ending)
  const endsLikeFolder = /[\\/]$/.test(target)
  if (path.extname(resolved) === ending && !endsLikeFolder) {
    if (!force && !isFolder(path.dirname(resolved))) throw noSuchPath(path.dirname(target), ending)
    return [{ file: resolved, images }]
  }
  if (path.extname(resolved) !== '' && !endsLikeFolder && !existsSync(resolved))
    throw unknownEnding(target, ending)
  throw noSuchPath(target, ending)
}

/** A folder, or the nearest one above it that is there already. */
export function existingFolder(folder: string): string {
  return isFolder(folder) || folder === path.dirname(folder) ? folder : existingFolder(path.dirname(folder))
}

/** Whether a path is to be a folder: one that exists, or a name without an ending. */
export function isFolderTarget(target: string): boolean {
  return isFolder(path.resolve(target)) || path.extname(target) === ''
}

function oneEach<T extends Named>(folder: string, images: T[], ending: Ending): FileToSave<T>[] {
  const taken = new Map<string, T>()
  return images.map((image) => {
    const name = fileName(image, ending)
    const other = taken.get(name.toLowerCase())
    if (other) throw sameFile(name, [other, image])
    taken.set(name.toLowerCase(), image)
    return { file: path.join(folder, name), images: [image] }
  })
}

function sameFile(name: string, images: Named[]): ContainerImageError {
  const both = images.map((image) => show(`${image.name} ${image.version}`)).join(' and ')
  return new ContainerImageError('AMBIGUOUS_NAME', `Two images would be saved as ${show(name)}: ${both}.`, {
    side: 'destination',
    expected: 'a file of its own for each image',
    found: both,
    remedy: 'Save them one by one into files that you name, or all of them into one file that ends in .tar.',
  })
}

/** `NanoServer-10-0-14300-1010.tar`; no sign that a file system of Windows would not take. */
export function fileName(image: Named, ending: Ending = '.tar'): string {
  const base = `${image.name}-${image.version.replaceAll('.', '-')}`
  return `${base.replace(/[^A-Za-z0-9_.-]+/g, '-')}${ending}`
}

function isFolder(target: string): boolean {
  return existsSync(target) && statSync(target).isDirectory()
}

function noSuchPath(target: string, ending: Ending): ContainerImageError {
  return new ContainerImageError(
    'PATH_NOT_FOUND',
    `Cannot find the path '${show(target).slice(1, -1)}' because it does not exist.`,
    {
      side: 'destination',
      expected: `an existing folder, or a file name that ends in ${ending}`,
      found: 'nothing',
      remedy: 'Make the folder, or use --force to have it made.',
    },
  )
}

function unknownEnding(target: string, ending: Ending): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(target)} does not have an ending that is known.`, {
    side: 'destination',
    expected: `an existing folder, or a file name that ends in ${ending}`,
    found: show(path.extname(target)),
    remedy: `Give a folder, or a file name that ends in ${ending}.`,
  })
}
