import { impossible } from '../../../manifests/index.js'
import { openWim, type Wim } from '../../formats/wim/index.js'
import { type ImageOfWim, imageFromWim, writeWim } from '../../formats/wim/write/index.js'
import { closedAfter, closing } from '../../io/closing/closing.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import type { Context } from '../../session/context.js'
import type { WimFile } from '../../targets/chosen-images.js'
import type { TrustedFiles } from '../../trust/taking/open-trusted.js'
import { putWim, wimForm, wimTarget } from './put-wim.js'
import type { SaveRequest, SaveResult } from './request.js'
import { filesToSave } from './saved-files.js'
import { checkInTheWay } from './wim-in-the-way.js'

/**
 * Writes images of a WIM as a separate WIM, with everything that their trees keep.
 * @param images by index or name
 * @throws FILE_EXISTS, NO_SPACE, and what reading the WIM throws
 */
export async function saveImagesOfWim(
  context: Context,
  wim: WimFile,
  images: readonly string[],
  trusted: TrustedFiles,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { name, version, platform, location, beside } = wim
  if (location.kind !== 'path') impossible('Images are taken out of a WIM that is here.')
  const { target, ending } = wimTarget(request)
  const [{ file } = { file: '' }] = filesToSave(target, [wim], request.force ?? false, ending)
  const wanted = { name, version, ...wimForm(request) }
  await checkInTheWay(file, wanted, request.force ?? false)
  const readFiles = new Set<string>()
  const onUsed = (used: string): void => {
    readFiles.add(used)
    context.usedFiles.add(used)
  }
  const opened = await openWim(location.path, { beside, onUsed })
  await closing(opened, async () => {
    if (request.whatIf) {
      const size = opened.images.reduce((sum, one) => sum + (one.totalBytes ?? 0), 0)
      result.images.push({ name, version, platform, digest: '', size })
      result.files.push({ path: file, size, sha256: '' })
      return
    }
    const before = result.files.length
    await putWim(context, file, wanted, request, result, async (path, lock) => {
      const { wimCompress = 'xpress', integrity, splitSize, signal, onProgress } = request
      const form = { compression: wimCompress, integrity, splitSize, task: `Saving ${name} ${version}`, lock }
      const read: ImageOfWim[] = []
      return await closing(read, async () => {
        await readInto(read, opened, images, { name, signal })
        const source = read.map(({ image }) => image)
        const written = await writeWim(path, source, { ...form, signal, onProgress })
        await trusted.checkUsed(readFiles).catch(async (error) => {
          throw await closedAfter(error, ...written.files.map((one) => () => removePath(one)))
        })
        result.fetchedBytes += written.blobBytes
        return written.files
      })
    })
    const files = result.files.slice(before)
    const digest = files[0] ? `sha256:${files[0].sha256}` : ''
    const size = files.reduce((sum, one) => sum + one.size, 0)
    result.images.push({ name, version, platform, digest, size })
    if (!request.sbom) return
    const { addSbomsOfWim } = await import('./sboms-of-wim.js')
    await addSbomsOfWim(context, files[0]?.path ?? file, file, request, result)
  })
}

async function readInto(
  read: ImageOfWim[],
  wim: Wim,
  images: readonly string[],
  options: { name: string; signal: AbortSignal | undefined },
): Promise<void> {
  for (const image of images)
    read.push(await imageFromWim(wim, image, { ...options, after: read.at(-1)?.end ?? 0 }))
}
