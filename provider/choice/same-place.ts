import {
  ContainerImageError,
  formatLocalName,
  isIndexType,
  option,
  printable,
  sameMachine,
  show,
} from '../../manifests/index.js'
import type { PlannedImage } from '../copy/ports.js'

/** An image with the names that it would have. */
export interface Placed extends Pick<PlannedImage, 'root' | 'names' | 'platform'> {
  /** Where it comes from, if a request has several such places: a file as the user wrote it. */
  from?: string
}

/**
 * Two images of one request that would have one name: the last one would take it, and the other would be
 * lost. Images for different machines may share a name.
 * @param remedy what to do; default: for the images of one file
 * @throws AMBIGUOUS_NAME, naming both
 */
export function refuseOnePlace(images: readonly Placed[], remedy?: string): void {
  const taken = new Map<string, Placed[]>()
  for (const image of images.filter(({ platform }) => platform !== undefined))
    for (const name of image.names.map(formatLocalName)) {
      const others = taken.get(name) ?? []
      const other = others.find((one) => isInTheWay(one, image))
      if (other) throw onePlace(name, [other, image], remedy)
      taken.set(name, [...others, image])
    }
}

/**
 * One repository in place of the images' own is only for one image, or versions of one.
 * @param names whole names of the images that would have it
 * @throws USAGE
 */
export function refuseOneRepository(repository: string | undefined, names: readonly string[]): void {
  const distinct = [...new Set(names)]
  if (repository === undefined || distinct.length < 2) return
  throw new ContainerImageError('USAGE', `Several images cannot all be called ${show(repository)}.`, {
    expected: `images of one name, where ${option('repository')} is given`,
    found: distinct.map((name) => name || 'an image without a name').join(', '),
    remedy: `Leave ${option('repository')} out: each image keeps its whole name.`,
  })
}

function isInTheWay(a: Placed, b: Placed): boolean {
  if (a.root.digest === b.root.digest) return false
  const areImages = !isIndexType(a.root.mediaType) && !isIndexType(b.root.mediaType)
  return !(areImages && a.platform && b.platform && !sameMachine(a.platform, b.platform))
}

/** @param remedy what to do if they do not come from one file */
export function onePlace(
  name: string,
  images: readonly Pick<Placed, 'root' | 'from'>[],
  remedy = 'Have the file made again, with a name of its own for each image or with one of them alone.',
): ContainerImageError {
  const areApart = new Set(images.map(({ from }) => from)).size > 1
  const found = images.map(({ root, from }) =>
    areApart && from !== undefined ? `${root.digest} in ${printable(from)}` : root.digest,
  )
  return new ContainerImageError(
    'AMBIGUOUS_NAME',
    `Two images would be called ${name}: ${found.join(' and ')}.`,
    {
      side: 'source',
      expected: 'one image of each name and tag',
      found: found.join(', '),
      remedy,
      details: { name, digests: images.map(({ root }) => root.digest) },
    },
  )
}
