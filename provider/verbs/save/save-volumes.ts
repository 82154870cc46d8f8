import path from 'node:path'
import { ContainerImageError, formatPlatform, printable, type VolumeImage } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { copy } from '../../copy/copy.js'
import { planMembers } from '../../formats/in-place/formats.js'
import { planVolumes, type VolumePlan } from '../../formats/volumes/plan.js'
import { VolumeSink } from '../../formats/volumes/sink.js'
import { checkFileSizes } from '../../io/files/largest-file.js'
import type { Context } from '../../session/context.js'
import { planImages } from './plan-images.js'
import { replacedVolumes } from './replaced-volumes.js'
import type { SaveResult } from './request.js'
import { existingFolder, fileName, isFolderTarget } from './saved-files.js'
import { savedImages, tellDelta } from './saved-result.js'
import type { SavingRequest } from './saving-request.js'
import { saveThoseThatCanBe } from './those-that-can-be.js'

/**
 * Saves images as a set of volumes, each at most as large as requested.
 * @throws USAGE, FILE_EXISTS, FILE_TOO_LARGE, NO_SPACE and what copying throws
 */
export async function saveVolumes(
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  await saveThoseThatCanBe(context, images, request, (some) => saveSet(context, some, request, result))
}

async function saveSet(
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const { volumeSize = 0, onlyVolume, signal, onProgress, force = false, whatIf } = request
  const { source, plan } = await planImages(context, images, request)
  const tellImages = (): void => {
    result.images.push(...savedImages(images, plan))
    tellDelta(result, plan)
  }
  const { folder, base } = placeOf(request, images)
  const volumes = planVolumes(planMembers(plan, 'oci-archive'), {
    base,
    images: images.map(listed).sort(inOrder),
    volumeSize,
  })
  checkNumber(volumes, onlyVolume)
  const replaced = await replacedVolumes(folder, base, volumes, request)
  if (whatIf) {
    tellImages()
    result.files.push(...plannedFiles(folder, volumes, onlyVolume))
    return
  }
  const sink = new VolumeSink(volumes, {
    folder,
    force,
    hasher: context.hasher,
    only: onlyVolume,
    replaced,
  })
  await checkFileSizes(
    existingFolder(folder),
    volumes.volumes.map(({ name, plan: { size } }) => ({ label: name, size })),
  )
  const task = `Saving ${base} in ${volumes.volumes.length} volumes`
  const copied = await copy(source, plan, sink, { task, signal, onProgress })
  tellImages()
  result.fetchedBytes += copied.copiedBytes
  result.reusedBytes += copied.reusedBytes
  tellReplaced(context, replaced)
  for (const { path: file, planned, sha256 = '' } of sink.files)
    result.files.push({ path: file, size: planned.plan.size, sha256 })
  const [first] = sink.files
  if (!request.sbom || !first) return
  const { addSboms } = await import('./save-sboms.js')
  const isWhole = plan.delta === undefined && onlyVolume === undefined
  const saved = { beside: first.path, readable: isWhole ? first.path : undefined }
  await addSboms(context, images, saved, request, result)
}

/** A folder, or the beginning of all volume names: `usb/bases.tar`. */
function placeOf({ path: target }: SavingRequest, images: ChosenImage[]): { folder: string; base: string } {
  const resolved = path.resolve(target)
  if (!isFolderTarget(target))
    return { folder: path.dirname(resolved), base: path.basename(resolved, '.tar') }
  const [first] = images
  const own = images.length === 1 && first ? path.basename(fileName(first), '.tar') : 'images'
  return { folder: resolved, base: own }
}

function listed({ name, version, platform, root }: ChosenImage): VolumeImage {
  return { name, version, platform: formatPlatform(platform), digest: root.digest }
}

/** However they were asked for: the same images are the same set. */
function inOrder(a: VolumeImage, b: VolumeImage): number {
  const key = ({ name, version, platform, digest }: VolumeImage): string =>
    [name, version, platform, digest].join('\n')
  return key(a) < key(b) ? -1 : 1
}

function tellReplaced(context: Context, replaced: readonly string[]): void {
  if (replaced.length === 0) return
  const names = replaced.map((file) => printable(path.basename(file)))
  context.note(`Another set of this name was replaced: ${names.sort().join(', ')}.`)
}

function checkNumber({ volumes }: VolumePlan, only: number | undefined): void {
  if (only === undefined || volumes[only - 1]) return
  throw new ContainerImageError('USAGE', `There is no volume ${only}.`, {
    expected: `1 to ${volumes.length}`,
    found: only,
  })
}

function plannedFiles(folder: string, { volumes }: VolumePlan, only?: number): SaveResult['files'] {
  return volumes
    .filter((_, i) => only === undefined || only === i + 1)
    .map(({ name, plan }) => ({ path: path.join(folder, name), size: plan.size, sha256: '' }))
}
