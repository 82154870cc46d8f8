import { stat } from 'node:fs/promises'
import { archiveSink } from '../archive/sink.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { copy } from '../copy/copy.js'
import { type ArchiveFormat, planMembers } from '../in-place/formats.js'
import type { CopyPlan, ImageSource } from '../ports.js'
import type { SaveResult } from '../requests.js'
import { isPacked, type PackedFormat } from './packed-format.js'
import { planImages } from './plan-images.js'
import { checkDeltaCarried } from './save-form.js'
import { type FileToSave, filesToSave } from './saved-files.js'
import { hashOf, savedImage, tellDelta } from './saved-result.js'
import type { SavingRequest } from './saving-request.js'

/** Writes images as archives, tars or what tars are packed into, into a folder one each. @throws FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE */
export async function saveArchives(
  context: Context,
  images: ChosenImage[],
  format: ArchiveFormat | PackedFormat,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const ending = isPacked(format) ? (`.${format}` as const) : '.tar'
  for (const file of filesToSave(request.path, images, request.force ?? false, ending))
    await saveArchive(context, file, format, request, result)
}

async function saveArchive(
  context: Context,
  { file, images }: FileToSave,
  format: ArchiveFormat | PackedFormat,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const { source, plan } = await planImages(context, images, request)
  checkDeltaCarried(plan, format)
  result.images.push(...images.map((image) => savedImage(image, plan)))
  tellDelta(result, plan)
  if (request.whatIf) {
    result.files.push({ path: file, size: await plannedSize(plan, format), sha256: '' })
    return
  }
  const sink = await sinkFor(context, file, { source, plan }, format, request.force ?? false)
  const task = `Saving ${images.map((image) => `${image.name} ${image.version}`).join(', ')}`
  const { signal, onProgress } = request
  const copied = await copy(source, plan, sink, { task, ...defined({ signal, onProgress }) })
  result.fetchedBytes += copied.copiedBytes
  result.reusedBytes += copied.reusedBytes
  const { size } = await stat(file)
  const sha256 = sink.sha256 ?? (await hashOf(context, file, size, request))
  result.files.push({ path: file, size, sha256 })
}

async function plannedSize(plan: CopyPlan, format: ArchiveFormat | PackedFormat): Promise<number> {
  if (!isPacked(format)) return planMembers(plan, format).size
  const { packedSize } = await import('./save-packed.js')
  return packedSize(plan, format)
}

async function sinkFor(
  context: Context,
  file: string,
  planned: { source: ImageSource; plan: CopyPlan },
  format: ArchiveFormat | PackedFormat,
  force: boolean,
) {
  if (!isPacked(format)) return archiveSink(file, { format, force, hasher: context.hasher })
  const { packedSink } = await import('./save-packed.js')
  return await packedSink(context, file, planned, format, force)
}
