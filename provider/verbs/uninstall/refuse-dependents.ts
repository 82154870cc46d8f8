import { ContainerImageError, type Digest, option } from '../../../manifests/index.js'
import type { TaggedImage } from '../../store/images.js'
import { distinctNames } from './distinct-names.js'

/** Images whose first layers are all the layers of one to be removed. @throws IN_USE */
export function refuseDependents(chosen: TaggedImage[], images: TaggedImage[]): void {
  const going = new Set(chosen.map((image) => image.fullName))
  const bases = new Set(chosen.map((base) => keyOfLayers(layersOf(base))))
  const dependents = images.filter((image) => !going.has(image.fullName) && isBuiltOnOne(image, bases))
  if (dependents.length === 0) return
  const names = distinctNames(dependents)
  throw new ContainerImageError('IN_USE', `Other images are built on it: ${names.join(', ')}.`, {
    side: 'destination',
    expected: 'no images built on it',
    found: `${names.length}: ${names.join(', ')}`,
    remedy: `Uninstall these first, or use ${option('force')}.`,
    details: { dependents: names },
  })
}

/** @param bases the layers of each, as keys */
function isBuiltOnOne(image: TaggedImage, bases: ReadonlySet<string>): boolean {
  const layers = layersOf(image)
  for (let count = 1; count < layers.length; count++)
    if (bases.has(keyOfLayers(layers.slice(0, count)))) return true
  return false
}

function layersOf({ config }: TaggedImage): readonly Digest[] {
  return config?.rootfs.diff_ids ?? []
}

function keyOfLayers(layers: readonly Digest[]): string {
  return layers.join(' ')
}
