import { stat } from 'node:fs/promises'
import path from 'node:path'
import { refuseWildcards } from '../../catalog/version-parameters.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import type { ChosenImages, WimFile } from '../choice/chosen-images.js'
import { type Context, inContext } from '../context/context.js'
import type { SaveRequest, SaveResult } from '../requests.js'
import { carryTool, checkCarried, wantsTool } from './carry-tool.js'
import { checkWimAlone, type SaveForm, savedForm, severalOnMedia } from './save-form.js'
import { addRecovery, checkRecovery } from './save-recovery.js'
import { saveWim } from './save-wim.js'
import { hashOf } from './saved-result.js'
import { type SavingRequest, withBases } from './saving-request.js'
import { resolveTargets } from './targets.js'

/**
 * Saves images as what is carried: into a folder one file an image, into a `.tar` all of them, as a `.wim`, onto a
 * media that all share, or cut into volumes. The same images always give the same bytes; an interrupted run is
 * continued by the next.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE, network errors and more: see docs/errors.md
 */
export async function save(request: SaveRequest): Promise<SaveResult> {
  const form = await savedForm(request)
  refuseWildcards(request.names)
  return await inContext(request, async (context) => {
    const opened: ChosenImages[] = []
    try {
      for (const name of request.names) opened.push(await resolveTargets(context, name, request, form))
      const saving = await withBases(context, request)
      const images = distinctImages(opened.flatMap((one) => one.images))
      const wims = opened.flatMap((one) => one.wims ?? [])
      if (wims.length > 1 || images.length > 0) checkWimAlone(request.path, wims)
      const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
      for (const wim of wims) await saveWim(context, wim, request, result)
      const format = formFor(request, form, wims)
      checkRecovery(request, format)
      checkCarried(request, format)
      if (images.length > 0) await saveImages(context, images, format, saving, result)
      if (request.recovery !== undefined && !request.whatIf) await addRecovery(context, request, result)
      if (format !== 'media' && wantsTool(request) && !request.whatIf) await addTool(context, request, result)
      return result
    } finally {
      for (const one of opened) await one.close()
    }
  })
}

/** Beside files in a folder; a media has the tool in its list. */
async function addTool(context: Context, request: SaveRequest, result: SaveResult): Promise<void> {
  const folder = path.resolve(request.path)
  for (const name of await carryTool(context, folder, request.withNode ?? [])) {
    const file = path.join(folder, name)
    const { size } = await stat(file)
    result.files.push({ path: file, size, sha256: await hashOf(context, file, size, request) })
  }
}

/** WIMs are files of their own, and what goes beside them is, too. */
function formFor(request: SaveRequest, { format }: SaveForm, wims: WimFile[]): SaveForm['format'] {
  return wims.length === 0 && severalOnMedia(request) ? 'media' : format
}

/** A name that was given twice is saved once. */
function distinctImages(images: ChosenImage[]): ChosenImage[] {
  const key = (image: ChosenImage): string => `${image.name} ${image.version} ${image.root.digest}`
  return [...new Map(images.map((image) => [key(image), image])).values()]
}

/** What writes a form is loaded when it is asked for. */
async function saveImages(
  context: Context,
  images: ChosenImage[],
  format: SaveForm['format'],
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  switch (format) {
    case 'wim':
      return await (await import('./save-as-wim.js')).saveAsWims(context, images, request, result)
    case 'media':
      return await (await import('./save-media.js')).saveOnMedia(context, images, request, result)
    case 'volumes':
      return await (await import('./save-volumes.js')).saveVolumes(context, images, request, result)
    default:
      return await (await import('./save-archives.js')).saveArchives(context, images, format, request, result)
  }
}
