import { stat } from 'node:fs/promises'
import path from 'node:path'
import { impossible } from '../../../manifests/index.js'
import type { ChosenImage } from '../../choice/chosen-image.js'
import { runnableOf } from '../../choice/runnable.js'
import { copy } from '../../copy/copy.js'
import type { SavedFormat } from '../../formats/open/saved-formats.js'
import { checkFileSizes } from '../../io/files/largest-file.js'
import { labelOf } from '../../names/image-names.js'
import type { Context } from '../../session/context.js'
import { planImages } from './plan-images.js'
import type { SaveResult } from './request.js'
import { checkDeltaCarried } from './save-form.js'
import { existingFolder, type FileToSave, filesToSave } from './saved-files.js'
import { hashOf, savedImages, tellDelta } from './saved-result.js'
import type { SavingRequest } from './saving-request.js'
import { saveThoseThatCanBe } from './those-that-can-be.js'

/**
 * Writes images as archives: tars, or formats that tars are packed into; one per image into a folder. @throws
 * FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE
 */
export async function saveArchives(
  context: Context,
  images: ChosenImage[],
  format: SavedFormat,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const [ending] = format.endings ?? []
  const carried = format.saved.imagesOnly
    ? runnableOf(images, `a ${format.name} holds images alone`, (line) => context.note(line))
    : images
  const isForSeveral = !format.saved.imagesOnly
  for (const file of filesToSave(request.path, carried, request.force ?? false, ending, isForSeveral)) {
    const work = (): Promise<void> =>
      saveThoseThatCanBe(context, file.images, request, (images) =>
        saveArchive(context, { ...file, images }, format, request, result),
      )
    if (request.failures) await request.failures.attempt(file.images.map(labelOf).join(', '), work)
    else await work()
  }
}

async function saveArchive(
  context: Context,
  { file, images }: FileToSave,
  format: SavedFormat,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const { source, plan } = await planImages(context, images, request, {
    imagesOnly: format.saved.imagesOnly,
  })
  checkDeltaCarried(plan, format)
  const tellImages = (): void => {
    result.images.push(...savedImages(images, plan))
    tellDelta(result, plan)
  }
  const { plannedSize, sink: sinkOf } = format.saved
  const planned = (await plannedSize?.(plan)) ?? 0
  if (request.whatIf) {
    tellImages()
    result.files.push({ path: file, size: planned, sha256: '' })
    return
  }
  if (!sinkOf) impossible(`${format.name} is not made by a copy into a file.`)
  await checkFileSizes(existingFolder(path.dirname(file)), [{ label: path.basename(file), size: planned }])
  const { hasher } = context
  const sink = await sinkOf(file, { source, plan, force: request.force ?? false, hasher })
  const task = `Saving ${images.map(labelOf).join(', ')}`
  const { signal, onProgress } = request
  const copied = await copy(source, plan, sink, { task, signal, onProgress })
  tellImages()
  result.fetchedBytes += copied.copiedBytes
  result.reusedBytes += copied.reusedBytes
  const { size } = await stat(file)
  const sha256 = sink.sha256 ?? (await hashOf(context, file, size, request))
  result.files.push({ path: file, size, sha256 })
  if (request.sbom) {
    const { addSboms } = await import('./save-sboms.js')
    const isReadable = plan.delta === undefined && format.name === 'oci-archive'
    await addSboms(
      context,
      images,
      { beside: file, readable: isReadable ? file : undefined },
      request,
      result,
    )
  }
}
