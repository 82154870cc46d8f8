import {
  ANNOTATIONS,
  type Descriptor,
  type Digest,
  type DockerArchiveImage,
  familiarName,
  formatLocalName,
  hasCode,
  isImageManifest,
  isIndexType,
  isManifestType,
} from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { isBadInput } from '../../copy/bad-input.js'
import { readConfig, readManifest } from '../../copy/documents.js'
import { partsOf } from '../../copy/index-parts.js'
import type { ImageCollection, NamedImage } from '../../copy/ports.js'
import { closeAll } from '../../io/closing/closing.js'
import { configDigest, dockerArchiveSource, listBesideIndex } from '../docker-archive/source.js'

/**
 * A layout that has docker's list as well. Docker writes both since version 25: `manifest.json` has every image that was
 * asked for, `index.json` often the tagged ones only, none (moby 47210), or images without their layers (moby 47065).
 * An image or a name counts if either of them has it.
 */
export async function withDockerList(
  layout: ImageCollection,
  members: Members,
  signal?: AbortSignal,
): Promise<ImageCollection> {
  const listed = await listBesideIndex(members)
  if (!listed) return layout
  const ofIndex = await imagesByConfig(layout, signal)
  const more: DockerArchiveImage[] = []
  const names = new Map<Digest, string[]>()
  for (const image of listed) {
    const config = await configDigest(members, image)
    names.set(config, [...(names.get(config) ?? []), ...(image.RepoTags ?? [])])
    if (!ofIndex.get(config)?.hasLayers) more.push(image)
  }
  const renamed = [...ofIndex].flatMap(([config, { images }]) => moreNames(images, names.get(config) ?? []))
  if (more.length === 0 && renamed.length === 0) return layout
  const docker = await dockerArchiveSource(members, signal, more)
  const instead = await emptyOnes(docker, ofIndex, signal)
  return both(layout, docker, await allImages(layout, docker, renamed, instead))
}

/** What the index says about one config. */
interface OfIndex {
  images: NamedImage[]
  /** Whether its manifest has layers, if its config says that there are some. */
  hasLayers: boolean
  manifest: Descriptor
}

async function imagesByConfig(layout: ImageCollection, signal?: AbortSignal): Promise<Map<Digest, OfIndex>> {
  const found = new Map<Digest, OfIndex>()
  for (const image of await layout.images())
    for (const manifest of await manifestsBelow(layout, image.root, signal)) {
      const { config, hasLayers } = (await configOf(layout, manifest, signal)) ?? {}
      if (config === undefined || hasLayers === undefined) continue
      const images = [...(found.get(config)?.images ?? []), image]
      found.set(config, { images, hasLayers, manifest })
    }
  return found
}

async function manifestsBelow(
  layout: ImageCollection,
  root: Descriptor,
  signal?: AbortSignal,
): Promise<Descriptor[]> {
  if (isManifestType(root.mediaType)) return [root]
  if (!isIndexType(root.mediaType)) return []
  return (await unlessDamaged(async () => (await partsOf(layout, root, signal)).images)) ?? []
}

async function configOf(
  layout: ImageCollection,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<{ config: Digest; hasLayers: boolean } | undefined> {
  return await unlessDamaged(async () => {
    const manifest = await readManifest(layout, descriptor, signal)
    if (!isImageManifest(manifest)) return undefined
    const config = manifest.config.digest
    if (manifest.layers.length > 0) return { config, hasLayers: true }
    const { rootfs } = await readConfig(layout, manifest.config, signal)
    return { config, hasLayers: rootfs.diff_ids.length === 0 }
  })
}

/** The code that uses a document reports what is wrong with it. */
async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isBadInput(error) || hasCode(error, 'BLOB_MISSING', 'NOT_FOUND')) return undefined
    throw error
  }
}

/**
 * An image of the index under the names that only docker's list has for it. Our own archives have all names
 * in the index.
 */
function moreNames(images: NamedImage[], tags: string[]): NamedImage[] {
  const [first] = images
  if (!first || images.some(({ annotations }) => annotations[ANNOTATIONS.name] !== undefined)) return []
  const known = new Set(images.map(({ refName }) => canonical(refName ?? '')))
  return [...new Set(tags)]
    .filter((tag) => !known.has(canonical(tag)))
    .map((refName) => ({ root: first.root, refName, annotations: {} }))
}

/** `docker.io/library/demo:1` and `demo:1` are one name. */
function canonical(name: string): string {
  try {
    return formatLocalName(familiarName(name))
  } catch {
    return name
  }
}

/** Manifests of the index that have lost their layers, with the ones that take their place. */
async function emptyOnes(
  docker: ImageCollection,
  ofIndex: Map<Digest, OfIndex>,
  signal?: AbortSignal,
): Promise<Map<Digest, Descriptor>> {
  const instead = new Map<Digest, Descriptor>()
  for (const { root } of await docker.images()) {
    const { config } = await readManifest(docker, root, signal)
    const empty = ofIndex.get(config.digest)
    if (empty) instead.set(empty.manifest.digest, root)
  }
  return instead
}

async function allImages(
  layout: ImageCollection,
  docker: ImageCollection,
  renamed: NamedImage[],
  instead: Map<Digest, Descriptor>,
): Promise<NamedImage[]> {
  const named = new Set(renamed.map(({ root }) => root.digest))
  const ofIndex = (await layout.images()).filter(
    ({ root, refName }) => !named.has(root.digest) || isWhole(refName),
  )
  const replaced = [...ofIndex, ...renamed].map((image) => ({
    ...image,
    root: instead.get(image.root.digest) ?? image.root,
  }))
  const known = new Set(replaced.map(keyOf))
  const more = (await docker.images()).filter((image) => !known.has(keyOf(image)))
  const replacing = new Set([...instead.values()].map(({ digest }) => digest))
  return [
    ...replaced,
    ...more.filter(({ root, refName }) => refName !== undefined || !replacing.has(root.digest)),
  ]
}

/** Whether a name says more than a tag. */
function isWhole(refName: string | undefined): boolean {
  return refName !== undefined && /[:/]/.test(refName)
}

function keyOf({ root, refName }: NamedImage): string {
  return `${root.digest} ${canonical(refName ?? '')}`
}

/** What the layout has is read from there, and what docker's list adds from the same archive. */
function both(layout: ImageCollection, docker: ImageCollection, images: NamedImage[]): ImageCollection {
  const ofDocker = async (descriptor: Descriptor): Promise<boolean> =>
    (await docker.holds?.(descriptor)) ?? false
  return {
    ...layout,
    documents: undefined,
    images: async () => images,
    async resolve(name) {
      const found = images.find(({ root, refName }) => root.digest === name || refName === name)
      return found ? found.root : await layout.resolve(name)
    },
    async *read(descriptor, options) {
      yield* ((await ofDocker(descriptor)) ? docker : layout).read(descriptor, options)
    },
    holds: async (descriptor) =>
      (await ofDocker(descriptor)) || ((await layout.holds?.(descriptor)) ?? false),
    locate: async (descriptor) => await ((await ofDocker(descriptor)) ? docker : layout).locate?.(descriptor),
    close: () => closeAll([layout]),
  }
}
