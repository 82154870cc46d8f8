import { imageFromWim, writeWim } from '../../formats/wim/write/index.js'
import { closing } from '../../io/closing/closing.js'
import type { Context } from '../../session/context.js'
import type { OneOfWim } from './one-of-wim.js'
import { putWim, wimForm, wimTarget } from './put-wim.js'
import type { SaveRequest, SaveResult } from './request.js'
import { filesToSave } from './saved-files.js'
import { checkInTheWay } from './wim-in-the-way.js'

/**
 * Writes one image of a WIM as a WIM of its own, with all that its tree keeps.
 * @throws FILE_EXISTS, NO_SPACE, and what reading the WIM throws
 */
export async function saveImageOfWim(
  context: Context,
  wim: OneOfWim,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { name, version, platform, location, image, beside } = wim
  const { openWim } = await import('../../formats/wim/read/wim.js')
  const opened = await openWim(location.path, { beside })
  await closing(opened, async () => {
    const { target, ending } = wimTarget(request)
    const [{ file } = { file: '' }] = filesToSave(target, [wim], request.force ?? false, ending)
    const wanted = { name, version, ...wimForm(request) }
    await checkInTheWay(file, wanted, request.force ?? false)
    const size = opened.images[Number(image) - 1]?.totalBytes ?? 0
    if (request.whatIf) {
      result.images.push({ name, version, platform, digest: '', size })
      result.files.push({ path: file, size, sha256: '' })
      return
    }
    const before = result.files.length
    await putWim(context, file, wanted, request, result, async (path, lock) => {
      const { wimCompress = 'xpress', integrity, splitSize, signal, onProgress } = request
      const one = await imageFromWim(opened, image, { name, signal })
      return await closing(one, async () => {
        const form = {
          compression: wimCompress,
          integrity,
          splitSize,
          task: `Saving ${name} ${version}`,
          lock,
        }
        const written = await writeWim(path, [one.image], { ...form, signal, onProgress })
        result.fetchedBytes += written.blobBytes
        return written.files
      })
    })
    const files = result.files.slice(before)
    const digest = files[0] ? `sha256:${files[0].sha256}` : ''
    const bytes = files.reduce((sum, one) => sum + one.size, 0)
    result.images.push({ name, version, platform, digest, size: bytes })
  })
}
