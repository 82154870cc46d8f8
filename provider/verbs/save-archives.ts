import { stat } from 'node:fs/promises'
import { archiveSink } from '../archive/sink.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { copy } from '../copy/copy.js'
import { type ArchiveFormat, planMembers } from '../in-place/formats.js'
import type { SaveRequest, SaveResult } from '../requests.js'
import { planImages } from './plan-images.js'
import { type FileToSave, filesToSave } from './saved-files.js'
import { hashOf, savedImage } from './saved-result.js'

/** Writes images as archives, into a folder one each. @throws FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE */
export async function saveArchives(
  context: Context,
  images: ChosenImage[],
  format: ArchiveFormat,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  for (const file of filesToSave(request.path, images, request.force ?? false))
    await saveArchive(context, file, format, request, result)
}

async function saveArchive(
  context: Context,
  { file, images }: FileToSave,
  format: ArchiveFormat,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { source, plan } = await planImages(images, request)
  result.images.push(...images.map((image) => savedImage(image, plan)))
  if (request.whatIf) {
    result.files.push({ path: file, size: planMembers(plan, format).size, sha256: '' })
    return
  }
  const sink = archiveSink(file, { format, force: request.force ?? false, hasher: context.hasher })
  const task = `Saving ${images.map((image) => `${image.name} ${image.version}`).join(', ')}`
  const { signal, onProgress } = request
  const copied = await copy(source, plan, sink, { task, ...defined({ signal, onProgress }) })
  result.fetchedBytes += copied.copiedBytes
  result.reusedBytes += copied.reusedBytes
  const { size } = await stat(file)
  const sha256 = sink.sha256 ?? (await hashOf(context, file, size, request))
  result.files.push({ path: file, size, sha256 })
}
