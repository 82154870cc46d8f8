import {
  ContainerImageError,
  type Digest,
  engineNameOf,
  isDigest,
  platform,
} from '../../../manifests/index.js'
import { shallowJson } from '../../../manifests/json-structure.js'
import { percentEncoded } from '../../../manifests/percent-encoding.js'
import { inParallel } from '../../copy/in-parallel.js'
import type { EngineImage } from '../port/engine.js'
import { notDocker } from './answers.js'
import type { DockerClient } from './client.js'

const AT_ONCE = 8

interface ListedImage {
  Id?: unknown
  Size?: unknown
}

/** moby, api/swagger.yaml, "ImageInspect": what is used of it. */
interface InspectedImage {
  Id?: unknown
  RepoTags?: unknown
  RepoDigests?: unknown
  RootFS?: { Layers?: unknown }
  Os?: unknown
  Architecture?: unknown
  Variant?: unknown
  OsVersion?: unknown
  Created?: unknown
}

export interface ImageFilter {
  /** Only those without a name. */
  dangling?: boolean
  /** Only those with this label. */
  label?: string
}

/**
 * All images of the daemon, with details that only inspecting each one gives.
 * @throws ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function listImages(
  client: DockerClient,
  signal?: AbortSignal,
  { dangling, label }: ImageFilter = {},
): Promise<EngineImage[]> {
  const filters = JSON.stringify({
    dangling: dangling === undefined ? undefined : [String(dangling)],
    label: label === undefined ? undefined : [label],
  })
  const listed = await client.json('GET', '/images/json', { query: { filters }, signal })
  if (!Array.isArray(listed)) throw notDocker(client.label, 'a list of images that is none')
  const found: (EngineImage | undefined)[] = listed.map(() => undefined)
  await inParallel([...listed.entries()], AT_ONCE, signal, async ([i, one], stop) => {
    const { Id, Size } = (one ?? {}) as ListedImage
    if (typeof Id !== 'string' || !isDigest(Id)) throw notDocker(client.label, 'an image without an id')
    const image = await inspectImage(client, Id, stop)
    if (image) found[i] = { ...image, size: typeof Size === 'number' ? Size : image.size }
  })
  return found.filter((image) => image !== undefined)
}

/** One image by its name or id; undefined where the daemon has none. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function inspectImage(
  client: DockerClient,
  name: string,
  signal?: AbortSignal,
): Promise<EngineImage | undefined> {
  const path = `/images/${percentEncoded(name)}/json`
  const answer = await client.ask('GET', path, { signal, accept: [404] })
  if (answer.status === 404) return undefined
  return imageOf(client, answer.body)
}

/** The image that each container uses, by its id. @throws ENGINE_UNREACHABLE, ENGINE_REFUSED */
export async function imagesOfContainers(client: DockerClient, signal?: AbortSignal): Promise<string[]> {
  const listed = await client.json('GET', '/containers/json', { query: { all: 'true' }, signal })
  if (!Array.isArray(listed)) throw notDocker(client.label, 'a list of containers that is none')
  return listed.map(({ ImageID }: { ImageID?: unknown }) => text(ImageID))
}

/**
 * The sizes of the steps in an image's history, newest first, in bytes.
 * @throws ENGINE_UNREACHABLE, ENGINE_REFUSED
 */
export async function historySizes(
  client: DockerClient,
  id: Digest,
  signal?: AbortSignal,
): Promise<number[]> {
  const steps = await client.json('GET', `/images/${id}/history`, { signal })
  if (!Array.isArray(steps)) throw notDocker(client.label, 'a history that is not a list')
  return steps.map(({ Size }: { Size?: unknown }) => (typeof Size === 'number' ? Size : 0))
}

function imageOf(client: DockerClient, body: string): EngineImage {
  let image: InspectedImage & { Size?: unknown }
  try {
    image = shallowJson(body) as typeof image
  } catch (error) {
    throw notDocker(client.label, 'an image that is not JSON', error)
  }
  const { Id, RootFS, Os, Architecture, Variant, OsVersion, Created, Size } = image
  const layers = RootFS?.Layers ?? []
  if (!isDigest(Id) || !Array.isArray(layers) || !layers.every((layer) => isDigest(layer)))
    throw notDocker(client.label, 'an image without id and layers')
  const digest = texts(image.RepoDigests)
    .find((one) => isDigest(one.split('@')[1]))
    ?.split('@')[1]
  return {
    id: Id,
    names: texts(image.RepoTags)
      .filter((name) => !name.includes('<none>'))
      .map(inFull),
    diffIds: layers as Digest[],
    platform: platform(
      text(Os),
      text(Architecture),
      text(Variant) || undefined,
      text(OsVersion) || undefined,
    ),
    created: text(Created),
    size: typeof Size === 'number' ? Size : 0,
    digest,
  }
}

/** A name that is not a valid reference is shown as it is. */
function inFull(name: string): string {
  try {
    return engineNameOf(name)
  } catch (error) {
    if (error instanceof ContainerImageError) return name
    throw error
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
