import { groupedBy } from '../../../manifests/groups.js'
import { ContainerImageError, command, formatLocalName, shortDigest } from '../../../manifests/index.js'
import { onePlace } from '../../choice/same-place.js'
import { labelOf } from '../../names/image-names.js'
import type { ImageToPush } from './image-to-push.js'
import { type PushPlace, repositoryAt } from './push-place.js'

/**
 * Which images go into which repository of a registry, with which tags.
 * @throws AMBIGUOUS_NAME if two images would have the same name: a tag can only mean one of them
 */
export function byRepository(place: PushPlace, images: ImageToPush[]): Map<string, ImageToPush[]> {
  const { exact } = place
  if (exact) return new Map([[exact.repository, [{ ...onlyOne(place, images), tags: [exact.tag] }]]])
  const groups = groupedBy(images, ({ repository }) => repositoryAt(place, repository))
  for (const [repository, some] of groups) refuseOneTag(place, repository, some)
  return groups
}

function onlyOne({ registry, prefix, exact }: PushPlace, images: ImageToPush[]): ImageToPush {
  const [first, ...others] = images
  if (first && others.every(({ image }) => image.root.digest === first.image.root.digest)) return first
  const called = `${registry}/${exact ? formatLocalName(exact) : ''}`
  throw new ContainerImageError('AMBIGUOUS_NAME', `Several images cannot all be called ${called}.`, {
    side: 'source',
    expected: 'one image, where the registry is given with a name and a tag',
    found: images.map(({ image }) => `${labelOf(image)} (${shortDigest(image.root.digest)})`).join(', '),
    remedy: `Name one of them, or push all of them below ${prefix === '' ? registry : `${registry}/${prefix}`}.`,
  })
}

function refuseOneTag({ registry }: PushPlace, repository: string, images: ImageToPush[]): void {
  const taken = new Map<string, ImageToPush>()
  for (const one of images)
    for (const tag of one.tags) {
      const other = taken.get(tag)
      if (other && other.image.root.digest !== one.image.root.digest)
        throw onePlace(
          `${registry}/${repository}:${tag}`,
          [other, one].map(({ image: { root }, from = 'the store' }) => ({ root, from })),
          `Push them one by one, the second under a name of its own: ${command('push', 'NAME', `${registry}/NAME:TAG`)}.`,
        )
      taken.set(tag, one)
    }
}
