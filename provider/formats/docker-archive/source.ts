import {
  beginsAsDockerList,
  ContainerImageError,
  type Descriptor,
  type Digest,
  type DockerArchiveImage,
  digestOf,
  LIMITS,
  type Manifest,
  MEDIA_TYPES,
  manifestBytes,
  parseConfig,
  parseDockerArchive,
  show,
} from '../../../manifests/index.js'
import { layerOs } from '../../archives/layers/whiteout.js'
import { followLinks } from '../../archives/members/follow-links.js'
import type { Member, Members } from '../../archives/members/members.js'
import { parsed } from '../../copy/documents.js'
import { noSuchImage } from '../../copy/no-such-image.js'
import type { ImageCollection, NamedImage } from '../../copy/ports.js'
import { collect } from '../../copy/read-verified.js'
import type { Bytes, ReadOptions } from '../../io/bytes.js'
import { type ArchivedLayer, type ConfiguredLayer, describeLayer, digestOfBlobPath } from './layers.js'

/** Where the bytes of a digest are: made by us and in memory, or a member of the archive. */
type Place = { bytes: Uint8Array } | { member: string }

/**
 * A docker archive of any age that has a `manifest.json`: `docker save` before version 25, podman, skopeo,
 * kaniko. Each image gets an OCI manifest that names the archive's own config and layers, so that the image
 * id stays what it was.
 * @param listed those of its images that are wanted; default: all
 * @throws INVALID_DOCUMENT, BLOB_MISSING, UNSAFE_NAME, DIGEST_MISMATCH
 */
export async function dockerArchiveSource(
  members: Members,
  signal?: AbortSignal,
  listed?: DockerArchiveImage[],
): Promise<ImageCollection> {
  const places = new Map<Digest, Place>()
  const images: NamedImage[] = []
  const layersOf = layersOnce(members, signal)
  for (const image of listed ?? (await readManifestJson(members))) {
    const root = await addImage(members, image, places, layersOf)
    const names = image.RepoTags ?? []
    if (names.length === 0) images.push({ root, annotations: {} })
    for (const name of names) images.push({ root, refName: tagged(name), annotations: {} })
  }
  return {
    label: members.label,
    format: 'docker archive',
    concurrency: members.forwardOnly ? 1 : 4,
    async images() {
      return images
    },
    async resolve(name) {
      const found = images.find((image) => image.refName === name || image.root.digest === name)
      if (found) return found.root
      throw noSuchImage(members.label, name, {
        side: 'source',
      })
    },
    async *read(descriptor, options: ReadOptions = {}): Bytes {
      const place = placeOf(places, descriptor, members)
      if ('bytes' in place) yield place.bytes.subarray(options.from ?? 0)
      else yield* members.read(place.member, options)
    },
    holds: async ({ digest }) => places.has(digest),
    async locate(descriptor) {
      const place = placeOf(places, descriptor, members)
      return 'member' in place ? await members.locate(place.member) : undefined
    },
    order: (descriptors) => [...descriptors].sort((a, b) => position(a) - position(b)),
    close: () => members.close(),
  }

  function position(descriptor: Descriptor): number {
    const place = placeOf(places, descriptor, members)
    return 'member' in place ? members.position(place.member) : 0
  }
}

/** A name without a tag is a repository, not a tag in the file. */
function tagged(name: string): string {
  return name === '' || /[:@][^/]*$/.test(name) ? name : `${name}:latest`
}

type DescribeLayer = (member: Member, configured: ConfiguredLayer) => Promise<ArchivedLayer>

/** A compressed layer is read wholly to be described, so it is described once, however many images name it. */
function layersOnce(members: Members, signal?: AbortSignal): DescribeLayer {
  const known = new Map<string, ArchivedLayer>()
  return async (member, configured) => {
    const key = `${configured.diffId} ${configured.os} ${member.name}`
    const layer = known.get(key) ?? (await describeLayer(members, member, configured, signal))
    known.set(key, layer)
    return layer
  }
}

/** Docker's list beside the index of a layout; undefined where its file is something else. @throws INVALID_DOCUMENT */
export async function listBesideIndex(members: Members): Promise<DockerArchiveImage[] | undefined> {
  const bytes = await manifestJson(members)
  return beginsAsDockerList(bytes) ? parsed(members.label, () => parseDockerArchive(bytes)) : undefined
}

async function manifestJson(members: Members): Promise<Uint8Array> {
  return await collect(members.read('manifest.json'), LIMITS.indexBytes, members.label)
}

async function readManifestJson(members: Members): Promise<DockerArchiveImage[]> {
  const bytes = await manifestJson(members)
  return parsed(members.label, () => parseDockerArchive(bytes))
}

/** The digest of an image's config: its id. @throws BLOB_MISSING, UNSAFE_NAME */
export async function configDigest(members: Members, { Config }: DockerArchiveImage): Promise<Digest> {
  const said = digestOfBlobPath(Config)
  if (said) return said
  const { name } = await followLinks(members, Config)
  return digestOf(await collect(members.read(name), LIMITS.configBytes, members.label))
}

async function addImage(
  members: Members,
  image: DockerArchiveImage,
  places: Map<Digest, Place>,
  layersOf: DescribeLayer,
): Promise<Descriptor> {
  const configMember = await followLinks(members, image.Config)
  const configBytes = await collect(members.read(configMember.name), LIMITS.configBytes, members.label)
  const { rootfs, os } = parsed(`${members.label}, ${show(image.Config)}`, () => parseConfig(configBytes))
  const diffIds = rootfs.diff_ids
  if (diffIds.length !== image.Layers.length)
    throw new ContainerImageError(
      'INVALID_DOCUMENT',
      `${members.label}: the layers of an image do not fit its config.`,
      {
        side: 'source',
        expected: `${diffIds.length} layers, as the config says`,
        found: `${image.Layers.length} layers`,
      },
    )
  const configured = diffIds.map((diffId) => ({ diffId, os: layerOs(os) }))
  const layers = await addLayers(members, image.Layers, configured, places, layersOf)
  const config = addBytes(places, MEDIA_TYPES.ociConfig, configBytes)
  const manifest: Manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers }
  return addBytes(places, MEDIA_TYPES.ociManifest, manifestBytes(manifest))
}

async function addLayers(
  members: Members,
  names: string[],
  configured: ConfiguredLayer[],
  places: Map<Digest, Place>,
  layersOf: DescribeLayer,
): Promise<Descriptor[]> {
  const layers: Descriptor[] = []
  for (const [i, name] of names.entries()) {
    const layer = await layersOf(await followLinks(members, name), configured[i] as ConfiguredLayer)
    places.set(layer.descriptor.digest, { member: layer.member })
    layers.push(layer.descriptor)
  }
  return layers
}

function addBytes(places: Map<Digest, Place>, mediaType: string, bytes: Uint8Array): Descriptor {
  const digest = digestOf(bytes)
  places.set(digest, { bytes })
  return { mediaType, digest, size: bytes.length }
}

function placeOf(places: Map<Digest, Place>, descriptor: Descriptor, members: Members): Place {
  const place = places.get(descriptor.digest)
  if (place) return place
  throw new ContainerImageError('BLOB_MISSING', `${members.label} has no blob ${descriptor.digest}.`, {
    side: 'source',
  })
}
