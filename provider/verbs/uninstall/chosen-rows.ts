import { hasWildcard, matcher } from '../../../catalog/wildcard.js'
import { groupedBy } from '../../../manifests/groups.js'
import { ContainerImageError, option, sameMachine, show } from '../../../manifests/index.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { parseFullName } from '../../names/full-name.js'
import { splitTag } from '../../names/split-tag.js'
import { shownName, type TaggedImage } from '../../store/images.js'
import { notInstalled } from '../../store/not-installed.js'
import { askedOneByOne } from './asked-one-by-one.js'
import { distinctNames } from './distinct-names.js'
import type { UninstallRequest } from './request.js'

/** The entries of the store's index to remove. */
export interface ChosenRows {
  rows: TaggedImage[]
  /** Those that make up everything from one installation. */
  ofPackages: TaggedImage[]
}

/** @throws NOT_INSTALLED, AMBIGUOUS_NAME, USAGE */
export function chosenRows(images: TaggedImage[], request: UninstallRequest): ChosenRows {
  const ofPackage = groupedBy(images, packageOf)
  const chosen = askedOneByOne(request).map((one) => chooseImages(images, ofPackage, one))
  return {
    rows: [...new Set(chosen.flatMap(({ rows }) => rows))],
    ofPackages: [...new Set(chosen.flatMap(({ ofPackages }) => ofPackages))],
  }
}

/**
 * `NAME:TAG` means that one name, as for `docker rmi`; a full name, or a name and a version, means the
 * package: all names that its installation gave.
 */
function chooseImages(
  images: TaggedImage[],
  ofPackage: ReadonlyMap<string, TaggedImage[]>,
  request: UninstallRequest,
): ChosenRows {
  const named = namedImages(images, request).filter(versionTest(request))
  if (named.length === 0) throw notInstalled(described(request), images.map(shownName))
  const { name = '', version, fullName, allVersions } = request
  const isByTag = fullName === undefined && version === undefined && splitTag(name).tag !== undefined
  if (isByTag) return { rows: named, ofPackages: [] }
  const packages = new Set(named.map(packageOf))
  const isOpen = !version && !allVersions && !fullName && !isMark(name, named)
  if (isOpen && packages.size > 1) throw severalVersions(described(request), named)
  const isPattern = hasWildcard(fullName ?? '')
  if (fullName !== undefined && !isPattern && haveSeveral(named)) throw severalImages(fullName, named)
  const rows = [...packages].flatMap((one) => ofPackage.get(one) ?? [])
  return { rows, ofPackages: rows }
}

/** What one installation named; an image without a name counts as an installation of its own. */
function packageOf({ fullName, digest }: TaggedImage): string {
  return fullName || digest
}

/** Whether a text is a digest or an id, not a name. */
function isMark(text: string, [first]: TaggedImage[]): boolean {
  return (
    first !== undefined &&
    [first.id, first.digest].some((one) => one === text || one.slice(7).startsWith(text))
  )
}

function haveSeveral([first, ...others]: TaggedImage[]): boolean {
  return others.some((other) => first && other.digest !== first.digest && !areForTwoMachines(first, other))
}

function areForTwoMachines({ platform }: TaggedImage, other: TaggedImage): boolean {
  return platform !== undefined && other.platform !== undefined && !sameMachine(platform, other.platform)
}

function severalVersions(asked: string, rows: TaggedImage[]): ContainerImageError {
  const fullNames = distinctNames(rows)
  return new ContainerImageError('AMBIGUOUS_NAME', `${asked} is installed in ${fullNames.length} versions.`, {
    expected: 'one version',
    found: fullNames.join(', '),
    remedy: `Give one with ${option('version')}, or all of them with ${option('allVersions')}.`,
    details: { fullNames },
  })
}

function severalImages(fullName: string, rows: TaggedImage[]): ContainerImageError {
  const names = rows.map(shownName)
  return new ContainerImageError('AMBIGUOUS_NAME', `${show(fullName)} is the full name of several images.`, {
    expected: 'one image',
    found: names.join(', '),
    remedy: 'Give the name and the tag of the one that you mean.',
    details: { names },
  })
}

function namedImages(images: TaggedImage[], { fullName, name }: UninstallRequest): TaggedImage[] {
  if (fullName !== undefined) return ofFullName(images, fullName)
  if (name) return imagesOfOne(name, images)
  throw new ContainerImageError('USAGE', 'No image to uninstall was named.', {
    expected: `a name, or ${option('fullName')}`,
    found: 'neither',
  })
}

function ofFullName(images: TaggedImage[], wanted: string): TaggedImage[] {
  if (hasWildcard(wanted)) return images.filter(({ fullName }) => matcher(wanted)(fullName))
  parseFullName(wanted)
  return images.filter(({ fullName }) => fullName.toLowerCase() === wanted.toLowerCase())
}

function versionTest({ version }: UninstallRequest): (image: TaggedImage) => boolean {
  if (version === undefined) return () => true
  return (image) => image.version === version || image.tag === version
}

/** What was asked for, as a message says it. */
export function described(request: UninstallRequest): string {
  const { fullName, name, names = [], version } = request
  return fullName ?? [name ?? names[0] ?? '', version].filter(Boolean).join(' ')
}
