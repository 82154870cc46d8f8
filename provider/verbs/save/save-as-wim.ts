import {
  ANNOTATIONS,
  ContainerImageError,
  type Descriptor,
  isIndexType,
  type Manifest,
  option,
  type Platform,
  parseConfig,
  parseManifest,
  shortDigest,
  show,
} from '../../../manifests/index.js'
import { type ChosenImage, chooseRoot } from '../../choice/chosen-image.js'
import { runnableOf } from '../../choice/runnable.js'
import { planCopy } from '../../copy/plan.js'
import type { CopyPlan } from '../../copy/ports.js'
import { imageFromLayers, type WimSourceInfo, wimInfo, writeWim } from '../../formats/wim/write/index.js'
import { closing } from '../../io/closing/closing.js'
import type { Lock } from '../../io/files/lock.js'
import type { Context } from '../../session/context.js'
import { rootChoice } from '../../targets/targets.js'
import { withJudgedArtifacts } from '../../trust/images/with-judged-artifacts.js'
import { type LayerFile, withLayerFiles } from './layer-files.js'
import { putWim, wimForm, wimTarget } from './put-wim.js'
import type { SaveRequest, SaveResult } from './request.js'
import { filesToSave } from './saved-files.js'
import { savedImages } from './saved-result.js'
import { checkInTheWay, type WantedWim } from './wim-in-the-way.js'

/**
 * Writes each image as a WIM of its own: the files of all its layers together, as one image, or for Windows
 * as two if there is a utility VM.
 * @throws USAGE, FILE_EXISTS, ARCHIVE_UNKNOWN for what a WIM cannot hold, NO_SPACE, network errors
 */
export async function saveAsWims(
  context: Context,
  images: readonly ChosenImage[],
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  if (images.length === 0) return
  const why = 'a WIM holds the files of an image'
  const runnable = runnableOf(images, why, (line) => context.note(line))
  const { target, ending } = wimTarget(request)
  const files = filesToSave(target, runnable, request.force ?? false, ending)
  for (const { file, images: inFile } of files) {
    const [image] = inFile
    if (!image || inFile.length > 1) throw oneEach(request.path, inFile)
    await saveAsWim(context, await onePlatform(image, request), file, request, result)
  }
}

/** What is written, once every document of the image has been read and checked. */
interface WimPlan {
  image: ChosenImage
  file: string
  plan: CopyPlan
  layers: Descriptor[]
  info: WimSourceInfo
}

async function saveAsWim(
  context: Context,
  image: ChosenImage,
  file: string,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { noReferrers, signal } = request
  await withJudgedArtifacts(context, image, { latest: false, noReferrers: noReferrers ?? true, signal })
  const planned = await planWim(image, file, request)
  result.images.push(...savedImages([image], planned.plan))
  const wanted: WantedWim = { name: image.name, version: image.version, ...wimForm(request) }
  await checkInTheWay(file, wanted, request.force ?? false)
  if (request.whatIf) {
    const size = planned.layers.reduce((sum, layer) => sum + layer.size, 0)
    result.files.push({ path: file, size, sha256: '' })
    return
  }
  await putWim(context, file, wanted, request, result, async (target, lock) => {
    let written: string[] = []
    const moved = await withLayerFiles(context, image, planned.layers, async ({ layers, ...bytes }) => {
      written = await write(context, { ...planned, file: target, lock }, layers, request)
      return bytes
    })
    result.fetchedBytes += moved.fetchedBytes
    result.reusedBytes += moved.reusedBytes
    return written
  })
  if (!request.sbom) return
  const { addSboms } = await import('./save-sboms.js')
  await addSboms(context, [image], { beside: file }, request, result)
}

async function planWim(image: ChosenImage, file: string, { signal }: SaveRequest): Promise<WimPlan> {
  const { root, source, version, publisher } = image
  const platform = platformIn(image)
  const own = { root, names: [], platform, annotations: {} }
  const plan = await planCopy(source, [own], { signal })
  const manifest: Manifest = parseManifest(documentOf(plan, root), root.mediaType)
  const config = parseConfig(documentOf(plan, manifest.config))
  const edition = manifest.annotations?.[ANNOTATIONS.edition]
  const info = wimInfo({ version, platform, config, publisher, edition })
  return { image, file, plan, layers: manifest.layers, info }
}

/** @throws FORMAT_UNFIT for an artifact, which has no files of a system */
function platformIn({ platform, artifact }: ChosenImage): Platform {
  if (platform) return platform
  throw new ContainerImageError('FORMAT_UNFIT', 'A WIM holds the files of an image.', {
    side: 'source',
    expected: 'an image',
    found: artifact?.kind ?? 'an artifact',
  })
}

/** All documents that a plan names were read for it. */
function documentOf(plan: CopyPlan, { digest }: Descriptor): Uint8Array {
  const bytes = plan.documents.get(digest)
  if (bytes) return bytes
  throw new ContainerImageError('ARCHIVE_UNKNOWN', `${digest} is not an image that could become a WIM.`, {
    side: 'source',
    expected: 'the manifest of an image',
    found: 'something else',
  })
}

/** @returns the files, in the order of their parts */
async function write(
  context: Context,
  { image, file, info, lock }: WimPlan & { lock: Lock },
  layers: LayerFile[],
  request: SaveRequest,
): Promise<string[]> {
  const { name, version } = image
  const { signal, onProgress, skipUnsupported, wimCompress = 'xpress', integrity, splitSize } = request
  const sources = layers.map(({ descriptor, compression, range }) => ({
    label: `layer ${shortDigest(descriptor.digest)} of ${name} ${version}`,
    compression,
    range,
  }))
  const os = platformIn(image).os === 'windows' ? 'windows' : 'linux'
  const flattened = await imageFromLayers(sources, {
    os,
    name,
    info,
    signal,
    skipUnsupported,
  })
  return await closing(flattened, async () => {
    for (const line of flattened.skipped) context.note(line)
    const task = `Saving ${name} ${version}`
    const form = { compression: wimCompress, task, lock, integrity, splitSize }
    const { files } = await writeWim(file, flattened.images, { ...form, signal, onProgress })
    return files
  })
}

/** For an index, the image of the requested platform: a WIM holds files, and those are for one platform. */
async function onePlatform(image: ChosenImage, request: SaveRequest): Promise<ChosenImage> {
  if (!isIndexType(image.root.mediaType)) return image
  if (request.allPlatforms)
    throw new ContainerImageError('USAGE', 'A WIM holds the files of one platform.', {
      expected: 'one platform',
      found: option('allPlatforms'),
      remedy: `Choose one with ${option('platform')}, and save one WIM for each.`,
    })
  const { source, root } = image
  const chosen = await chooseRoot(source, root, { ...(await rootChoice(request)), allPlatforms: false })
  return { ...image, ...chosen, annotations: { ...image.annotations, ...chosen.annotations } }
}

function oneEach(target: string, images: ChosenImage[]): ContainerImageError {
  return new ContainerImageError('USAGE', 'A WIM cannot be saved into one file with other images.', {
    expected: 'one image, or a folder',
    found: `${images.length} images for ${show(target)}`,
    remedy: `Give a folder with ${option('path')}.`,
  })
}
