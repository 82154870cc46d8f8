import path from 'node:path'
import {
  ANNOTATIONS,
  artifactOf,
  ContainerImageError,
  type Descriptor,
  type ImageConfig,
  isReference,
  layerCompression,
  type Manifest,
  option,
  type Platform,
  show,
} from '../../../manifests/index.js'
import { type LayerOs, layerOs } from '../../archives/layers/whiteout.js'
import { type ChosenImage, chooseRoot } from '../../choice/chosen-image.js'
import { originIndexOf } from '../../choice/origin-index.js'
import { notAnImage } from '../../choice/runnable.js'
import { toldApart } from '../../choice/told-apart.js'
import { readConfig, readManifest } from '../../copy/documents.js'
import type { ImageSource, NamedImage } from '../../copy/ports.js'
import { storeLayout } from '../../formats/layout/store-layout.js'
import { openPath } from '../../formats/open/open-path.js'
import { closedAfter } from '../../io/closing/closing.js'
import { imagesOfOne } from '../../names/asked-images.js'
import { splitTag } from '../../names/split-tag.js'
import type { Context } from '../../session/context.js'
import type { CommonOptions, EngineRequest, NetworkOptions } from '../../session/options.js'
import { shownName, type TaggedImage, taggedImages } from '../../store/images.js'
import { notInstalled } from '../../store/not-installed.js'
import type { ChosenImages } from '../../targets/chosen-images.js'
import { openOptions } from '../../targets/open-options.js'
import { isPath, resolveTargets, rootChoice } from '../../targets/targets.js'

/** Which image is looked into, and where it is. */
export interface LookRequest extends CommonOptions, NetworkOptions, EngineRequest {
  /** name[:tag] of what is installed, a digest, the path of a file or folder, a full reference. */
  name: string
  /** os/architecture[/variant]; default: that of the settings, then the one that fits this machine best. */
  platform?: string | undefined
  /** Where it is looked for: a source of the catalog, a path, an engine; default: the store, then the path or registry that the name says. */
  source?: string | undefined
  /** WIM only: which of its images, by index from 1 or by name; default: the one that it has. */
  index?: string | undefined
  /** For a file that does not say its version. */
  version?: string | undefined
}

/** One image, opened to be looked into. Whoever opens it closes it. */
export interface OpenImage {
  /** For messages and results: its name, with its tag where it has one. */
  label: string
  source: ImageSource
  /** Its manifest. */
  root: Descriptor
  manifest: Manifest
  config: ImageConfig
  platform: Platform | undefined
  /** The index that it was chosen from. */
  index?: Descriptor | undefined
  os: LayerOs
  /** From the lowest up; only those that are tars. */
  layers: Descriptor[]
  close(): Promise<void>
}

/**
 * Opens the one image that a name means: in the store, or at the path or in the registry that it gives.
 * @throws NOT_INSTALLED, PATH_NOT_FOUND, NO_MATCH, PLATFORM_NOT_FOUND, USAGE if a path holds several images,
 * FORMAT_UNFIT for anything but an image, and what opening throws
 */
export async function openImage(context: Context, request: LookRequest): Promise<OpenImage> {
  const { name, source, signal } = request
  if (source === undefined) {
    const installed = await installedImage(context, request)
    if (installed) return installed
    if (isPath(name)) return await imageAtPath(context, request)
    if (!isReference(name))
      throw notInstalled(name, (await taggedImages(await context.store())).map(shownName))
  }
  const { name: _, ...rest } = request
  const opened = await resolveTargets(context, name, { ...rest, anyBuild: true, looksOnly: true })
  try {
    return await openedImage(onlyOne(name, opened), () => opened.close(), signal)
  } catch (error) {
    throw await closedAfter(error, opened)
  }
}

/** As the archive has it. */
function saidName({ refName, annotations }: NamedImage): string | undefined {
  const [name, version] = [annotations[ANNOTATIONS.name], annotations[ANNOTATIONS.imageVersion]]
  return refName ?? (name !== undefined && version !== undefined ? `${name}:${version}` : undefined)
}

/** For looking inside, the name and version of a file do not matter. */
async function imageAtPath(context: Context, request: LookRequest): Promise<OpenImage> {
  const { name, version, platform, index, signal } = request
  const options = { ...(await openOptions(context, { index, whatIf: false })), version, platform }
  const collection = await openPath(path.resolve(name), { ...options, mayBeUnknown: true })
  try {
    const { images, artifacts } = await toldApart(collection, signal)
    const roots = new Map(images.map((image) => [image.root.digest, image]))
    const [image, other] = roots.values()
    if (!image) throw notAnImage(name, 'files', artifacts[0]?.artifact.kind ?? 'nothing')
    if (other)
      throw several(
        name,
        images.map((one) => ({ refName: saidName(one) })),
      )
    const choice = await rootChoice({ platform, anyBuild: true, signal })
    const chosen = await chooseRoot(collection, image.root, choice)
    return await opened(collection, chosen, saidName(image) ?? name, () => collection.close(), signal)
  } catch (error) {
    throw await closedAfter(error, collection)
  }
}

async function installedImage(
  context: Context,
  { name, platform, signal }: LookRequest,
): Promise<OpenImage | undefined> {
  const store = await context.store()
  const all = await taggedImages(store)
  const found = imagesOfOne(name, all)
  const image = found.find(({ tag }) => tag === 'latest' && splitTag(name).tag === undefined) ?? found[0]
  if (!image) return undefined
  const source = await storeLayout(store)
  const choice = await rootChoice({ platform, anyBuild: true, signal })
  const chosen = await chooseRoot(source, image.entry, choice)
  return await opened(source, chosen, shownName(versionOf(image, all)), () => source.close(), signal)
}

/** By its name other than `latest`, which says the least. */
function versionOf(image: TaggedImage, all: readonly TaggedImage[]): TaggedImage {
  const { entry, tag, repository } = image
  if (tag !== 'latest') return image
  const others = all.filter((one) => one.entry.digest === entry.digest && one.repository === repository)
  return others.find((one) => one.tag !== tag) ?? image
}

function onlyOne(name: string, { images }: ChosenImages): ChosenImage {
  const [image, other] = images
  if (image && !other) return image
  if (!image) throw notAnImage(name, 'files', 'nothing')
  throw several(
    name,
    images.map((one) => ({ refName: `${one.name}:${one.version}` })),
  )
}

function several(name: string, images: readonly { refName?: string | undefined }[]): ContainerImageError {
  return new ContainerImageError('USAGE', `${show(name)} holds ${images.length} images.`, {
    side: 'source',
    expected: 'one image to look into',
    found: images.map(({ refName = 'one without a name' }) => refName).join(', '),
    remedy: `Name one of them, and give the file as ${option('source')}.`,
  })
}

async function openedImage(
  image: ChosenImage,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<OpenImage> {
  const { source, name, version, reference } = image
  return await opened(source, image, reference ?? (name ? `${name}:${version}` : source.label), close, signal)
}

/** For an image, what opens it. */
type ToOpen = Pick<ChosenImage, 'root' | 'platform' | 'artifact'> & Partial<Pick<ChosenImage, 'annotations'>>

/**
 * Opens a root in a source, under a name for people.
 * @throws FORMAT_UNFIT for anything but an image
 */
export async function opened(
  source: ImageSource,
  { root, platform, artifact, annotations = {} }: ToOpen,
  label: string,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<OpenImage> {
  if (artifact) throw notAnImage(label, 'files', artifact.kind)
  const manifest = await readManifest(source, root, signal)
  const kind = artifactOf(manifest)?.kind
  if (kind !== undefined) throw notAnImage(label, 'files', kind)
  const config = await readConfig(source, manifest.config, signal)
  const layers = manifest.layers.filter(({ mediaType }) => layerCompression(mediaType))
  const index = originIndexOf(annotations)
  return { label, source, root, manifest, config, platform, index, os: layerOs(config.os), layers, close }
}
