import { newestFirst } from '../../catalog/entry-version.js'
import { compareVersions, parseVersion } from '../../catalog/version.js'
import type { Digest, LockedImage } from '../../manifests/index.js'

/** One difference between what a set means and what there was before. */
export interface SetChange {
  /** Of the image: `debian`. */
  name: string
  /** `linux/amd64`; empty for an artifact. */
  platform: string
  /**
   * `newer` or `older` in place of another version; `moved` if a version means another image now; `new` without one
   * that it replaces; `gone` if the set does not mean it any more.
   */
  kind: 'new' | 'newer' | 'older' | 'moved' | 'gone'
  /** What it is now; undefined if it is gone. */
  now?: ChangedImage
  /** What it was. */
  before?: ChangedImage
}

export interface ChangedImage {
  /** `12.5`. */
  version: string
  /** Of the manifest or index. */
  digest?: Digest
  /** Bytes of all that belongs to it, if that is known. */
  size?: number
  /** Its layers: how many, how many that no image had before, and the bytes of those. */
  layers?: { count: number; added: number; addedBytes: number }
}

/** What is compared: an image from a lock, an inventory, receipts or a media. */
export type ComparedImage = Pick<LockedImage, 'name' | 'version'> &
  Partial<Pick<LockedImage, 'platform' | 'digest' | 'size' | 'layers'>>

/**
 * How two lists of images differ, name by name and platform by platform. A version that takes the place of another is
 * one change.
 */
export function changesBetween(before: readonly ComparedImage[], now: readonly ComparedImage[]): SetChange[] {
  const known = new Set(before.flatMap(({ layers = [] }) => layers.map(({ digest }) => digest)))
  const groups = new Map<string, { before: ComparedImage[]; now: ComparedImage[] }>()
  const groupOf = ({ name, platform = '' }: ComparedImage) => {
    const key = JSON.stringify([name.toLowerCase(), platform])
    const group = groups.get(key) ?? { before: [], now: [] }
    groups.set(key, group)
    return group
  }
  for (const image of before) groupOf(image).before.push(image)
  for (const image of now) groupOf(image).now.push(image)
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => changesOf(group.before, group.now, known))
}

function changesOf(before: ComparedImage[], now: ComparedImage[], known: ReadonlySet<Digest>): SetChange[] {
  const versionsBefore = new Map(before.map((image) => [image.version, image]))
  const versionsNow = new Set(now.map(({ version }) => version))
  const added = sorted(now.filter(({ version }) => !versionsBefore.has(version)))
  const gone = sorted(before.filter(({ version }) => !versionsNow.has(version)))
  const moved = now.flatMap((image) => {
    const old = versionsBefore.get(image.version)
    return old && old.digest !== image.digest ? [changeOf('moved', image, old, known)] : []
  })
  const replaced = added.map((image, at) => {
    const old = gone[at]
    return changeOf(old ? directionOf(old, image) : 'new', image, old, known)
  })
  return [
    ...moved,
    ...replaced,
    ...gone.slice(added.length).map((old) => changeOf('gone', undefined, old, known)),
  ]
}

/** The newest first. */
function sorted(images: ComparedImage[]): ComparedImage[] {
  const key = ({ version: text }: ComparedImage) => ({ text, version: parseVersion(text) })
  return [...images].sort((a, b) => newestFirst(key(a), key(b)))
}

function directionOf(old: ComparedImage, image: ComparedImage): 'newer' | 'older' {
  const [from, to] = [parseVersion(old.version), parseVersion(image.version)]
  return from && to && compareVersions(to, from) < 0 ? 'older' : 'newer'
}

function changeOf(
  kind: SetChange['kind'],
  now: ComparedImage | undefined,
  before: ComparedImage | undefined,
  known: ReadonlySet<Digest>,
): SetChange {
  const { name = '', platform = '' } = now ?? before ?? {}
  return {
    name,
    platform,
    kind,
    now: now && changed(now, known),
    before: before && changed(before, known),
  }
}

function changed({ version, digest, size, layers }: ComparedImage, known: ReadonlySet<Digest>): ChangedImage {
  const added = layers?.filter((layer) => !known.has(layer.digest)) ?? []
  return {
    version,
    digest,
    size,
    layers: layers && {
      count: layers.length,
      added: added.length,
      addedBytes: added.reduce((sum, layer) => sum + layer.size, 0),
    },
  }
}
