import { printable } from '../../manifests/index.js'
import type { SaveResult } from '../../provider/index.js'
import { counted } from './counted.js'
import { fromHere } from './from-here.js'
import { gateLine } from './gates.js'
import { carriedLine, imageLabel, platformOrKind } from './image-label.js'
import { mediaLines } from './media-summary.js'
import { movedLines } from './moved-tags.js'
import { lockLine } from './sets.js'
import { size } from './sizes.js'
import { signatureLines } from './trusted-keys.js'
import { whatIf } from './what-if.js'

/** What was saved, where to, and how much of it was already there. */
export function savedLines(result: SaveResult): string[] {
  const { images, files, media, delta, moved = [], fetchedBytes, reusedBytes, delivered = [] } = result
  const lock = result.lock ? lockLine(result.lock) : []
  // Nothing was left over to be saved.
  if (images.length + files.length === 0 && delivered.length > 0) return [...lock, nothingNew(result)]
  if (result.lock && media && result.unchanged && delivered.length === 0)
    return [...lock, nothingNewOn(media, images.length)]
  const hashes = new Set(media ? [] : files.map((file) => `sha256:${file.sha256}`))
  return [
    ...images.flatMap((image) => [
      `Saved ${imageLabel(image)} (${platformOrKind(image)}), ${size(image.size)}`,
      // A WIM has no manifest: its digest is that of the file, which is printed below.
      ...(hashes.has(image.digest) ? [] : [`  ${image.digest}`]),
      ...carriedLine(image.artifacts),
    ]),
    ...movedLines(moved, 'moved'),
    ...(media ? mediaLines(media) : filesLines(files)),
    ...signatureLines(result.signatures ?? []),
    ...(delta ? deltaLines(delta) : []),
    ...(delivered.length > 0
      ? [`Not carried, as it is there already: ${counted(delivered.length, 'image')}`]
      : []),
    ...lock,
    ...gateLine(result.gate),
    `Fetched ${size(fetchedBytes)}, reused ${size(reusedBytes)}.`,
  ]
}

function deltaLines({ bases, savedBytes }: NonNullable<SaveResult['delta']>): string[] {
  return [`Delta against ${basesInWords(bases)}: ${size(savedBytes)} left out`]
}

function basesInWords(bases: NonNullable<SaveResult['delta']>['bases']): string {
  return bases.map(({ name, kind }) => `${printable(name)} (${printable(kind)})`).join(' and ')
}

function nothingNew({ delivered = [], delta }: SaveResult): string {
  const all = delivered.length === 1 ? 'the image' : `all ${delivered.length} images`
  return `Nothing new to carry: ${all} of the set can be found in ${basesInWords(delta?.bases ?? [])}.`
}

function nothingNewOn({ path }: NonNullable<SaveResult['media']>, count: number): string {
  const all = count === 1 ? 'the image' : `all ${count} images`
  return `Nothing new to carry: ${all} of the set ${count === 1 ? 'is' : 'are'} on ${printable(fromHere(path))} already.`
}

/** There are many recovery files, and they have their own checksums. */
function filesLines(files: SaveResult['files']): string[] {
  const recovery = files.filter((file) => file.path.endsWith('.par2'))
  const others = files.filter((file) => !recovery.includes(file))
  const [first] = recovery
  const bytes = recovery.reduce((sum, file) => sum + file.size, 0)
  const more = recovery.length > 1 ? ` and ${recovery.length - 1} more` : ''
  return [
    ...others.flatMap(fileLines),
    ...(first ? [`Recovery files ${printable(fromHere(first.path))}${more}, ${size(bytes)}`] : []),
  ]
}

function fileLines(file: SaveResult['files'][number]): string[] {
  const where = file.path === '-' ? 'stdout' : printable(fromHere(file.path))
  return [`File ${where}, ${size(file.size)}`, `  SHA-256 ${file.sha256}`]
}

export function wouldSaveLines({ images, files, moved = [] }: SaveResult): string[] {
  // One file holds all images; in a folder each has its own file, in the same order.
  const fileOf = (at: number): string => (files.length === images.length ? files[at] : files[0])?.path ?? ''
  return [
    ...images.map(({ name, version }, at) =>
      whatIf(
        'Save Package',
        `'${printable(name)}' version '${printable(version)}' to location '${printable(fileOf(at))}'`,
      ),
    ),
    ...movedLines(moved, 'would move'),
  ]
}
