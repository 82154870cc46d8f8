import { stat } from 'node:fs/promises'
import path from 'node:path'
import { refuseWildcards } from '../../../catalog/version-parameters.js'
import { type ChosenImage, distinctImages } from '../../choice/chosen-image.js'
import { type SavedFormat, savedFormat } from '../../formats/open/saved-formats.js'
import { closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import type { ChosenImages, WimFile } from '../../targets/chosen-images.js'
import { withPipes } from '../../targets/piped.js'
import { resolveTargets } from '../../targets/targets.js'
import { wimCompanions } from '../../targets/wim-companions.js'
import { carryTool, checkCarried, wantsTool } from './carry-tool.js'
import type { SaveRequest, SaveResult } from './request.js'
import { checkWimAlone, type SaveForm, savedForm, severalOnMedia } from './save-form.js'
import { addRecovery, checkRecovery } from './save-recovery.js'
import { saveWim } from './save-wim.js'
import { hashOf } from './saved-result.js'
import { type SavingRequest, withBases } from './saving-request.js'

/**
 * Saves images in a form to carry: one file per image into a folder, all of them into one `.tar`, as a
 * `.wim`, onto a media that all share, or cut into volumes. The same images always give the same bytes; the
 * next run continues an interrupted one.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE, network errors and more: see docs/errors.md
 */
export async function save(request: SaveRequest): Promise<SaveResult> {
  return await withPipes(request, request.names, async (names, rest) => {
    const wanted = { ...rest, names }
    if (wanted.path !== STDOUT) return await saveAt(wanted)
    const { saveToStdout } = await import('./save-to-stdout.js')
    return await saveToStdout(wanted, saveAt)
  })
}

async function saveAt(request: SaveRequest): Promise<SaveResult> {
  const form = await savedForm(request)
  refuseWildcards(request.names)
  return await inContext(request, async (context) => {
    const opened: ChosenImages[] = []
    if (form.format.saved.isFolder) context.lookIn(path.resolve(request.path))
    return await closing(opened, async () => {
      const { words, beside } = await wimCompanions(request.names, request.ref)
      for (const name of words) opened.push(await openTarget(context, name, { ...request, beside }, form))
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
      if (!format.saved.isFolder && wantsTool(request) && !request.whatIf)
        await addTool(context, request, result)
      return result
    })
  })
}

/** If the sources do not have it, or cannot be asked, the installed image is just as good. */
async function openTarget(
  context: Context,
  name: string,
  request: SaveRequest & { beside: readonly string[] },
  form: SaveForm,
): Promise<ChosenImages> {
  try {
    return await resolveTargets(context, name, request, form)
  } catch (error) {
    const { installedInstead } = await import('./installed-instead.js')
    const installed = await installedInstead(context, name, request, error)
    if (!installed) throw error
    return installed
  }
}

/** Beside files in a folder; a media lists the tool itself. */
async function addTool(context: Context, request: SaveRequest, result: SaveResult): Promise<void> {
  const folder = path.resolve(request.path)
  for (const name of await carryTool(context, folder, request.withNode ?? [])) {
    const file = path.join(folder, name)
    const { size } = await stat(file)
    result.files.push({ path: file, size, sha256: await hashOf(context, file, size, request) })
  }
}

/** WIMs are separate files, and so is what goes beside them. */
function formFor(request: SaveRequest, { format }: SaveForm, wims: WimFile[]): SavedFormat {
  return wims.length === 0 && severalOnMedia(request) ? savedFormat('media') : format
}

/** The path that means standard output. */
const STDOUT = '-'

type Step = (
  context: Context,
  images: ChosenImage[],
  request: SavingRequest,
  result: SaveResult,
) => Promise<void>

/** For formats that are more than one copy into one file; their code is loaded when needed. */
const OWN_STEPS: Record<string, () => Promise<Step>> = {
  wim: async () => (await import('./save-as-wim.js')).saveAsWims,
  media: async () => (await import('./save-media.js')).saveOnMedia,
  volumes: async () => (await import('./save-volumes.js')).saveVolumes,
}

async function saveImages(
  context: Context,
  images: ChosenImage[],
  format: SavedFormat,
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const own = await OWN_STEPS[format.name]?.()
  if (own) return await own(context, images, request, result)
  const { saveArchives } = await import('./save-archives.js')
  await saveArchives(context, images, format, request, result)
}
