import { stat } from 'node:fs/promises'
import path from 'node:path'
import { refuseWildcards } from '../../../catalog/version-parameters.js'
import { ContainerImageError, hasCode, option } from '../../../manifests/index.js'
import { type ChosenImage, distinctImages } from '../../choice/chosen-image.js'
import { type SavedFormat, savedFormat } from '../../formats/open/saved-formats.js'
import { gateOf } from '../../gate/command.js'
import { gateImages } from '../../gate/gate.js'
import { closeAll, closing } from '../../io/closing/closing.js'
import { type Context, inContext } from '../../session/context.js'
import { Failures, tellingDone } from '../../session/failures.js'
import type { AskedImage } from '../../sets/lock-of.js'
import type { ChosenImages, WimFile } from '../../targets/chosen-images.js'
import { withReadable } from '../../targets/readable.js'
import { carryDatabase, checkCarriedDatabase } from './carry-database.js'
import { carryTool, checkCarried, wantsTool } from './carry-tool.js'
import type { SaveRequest, SaveResult } from './request.js'
import { checkWimAlone, type SaveForm, savedForm, severalOnMedia } from './save-form.js'
import { addRecovery, checkRecovery, dropOutdatedRecovery } from './save-recovery.js'
import { keepLock, withoutDelivered } from './save-set.js'
import { forEachSaveTarget, withSet } from './save-targets.js'
import { saveWim } from './save-wim.js'
import { cannotBeCarried } from './saved-files.js'
import { hashOf } from './saved-result.js'
import { type SavingRequest, withBases, withKeys } from './saving-request.js'

/**
 * Saves images in a form to carry: one file per image into a folder, all of them into one `.tar`, as a
 * `.wim`, onto a media that all share, or cut into volumes. The same images always give the same bytes; the
 * next run continues an interrupted one.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE, network errors and more: see docs/errors.md
 */
export async function save(request: SaveRequest): Promise<SaveResult> {
  return await withReadable(request, request.names, async (names, rest) => {
    const wanted = { ...rest, names }
    if (wantsEncryption(wanted)) {
      const { saveEncrypted } = await import('./save-encrypted.js')
      return await saveEncrypted(wanted, saveAt)
    }
    if (wanted.path !== STDOUT) return await saveAt(wanted)
    const { saveToStdout } = await import('./save-to-stdout.js')
    return await saveToStdout(wanted, saveAt)
  })
}

function wantsEncryption({ encryptTo = [], recipients = [] }: SaveRequest): boolean {
  return encryptTo.length + recipients.length > 0
}

async function saveAt(given: SaveRequest): Promise<SaveResult> {
  const asked = await withSet(given)
  const { request, set } = asked
  const form = await savedForm(request)
  refuseWildcards(request.names)
  return await inContext(request, async (context) => {
    const keyed = await withKeys(request)
    const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
    const failures = new Failures(request)
    const opened: OpenedTarget[] = []
    const fault = process.platform === 'win32' ? undefined : cannotBeCarried(request.path)
    if (fault !== undefined) context.note(fault)
    if (form.format.saved.isFolder) context.lookIn(path.resolve(request.path))
    await tellingDone(
      () => (result.files.length > 0 ? result : undefined),
      () =>
        closing(
          () => closeAll(opened.map(({ chosen }) => chosen)),
          async () => {
            await forEachSaveTarget(context, asked, async (target, isInFolder) => {
              const chosen = await failures.attempt(
                target.name,
                () => target.open(context, form),
                // For a folder, these are reported elsewhere.
                (error) => isInFolder && hasCode(error, 'ARCHIVE_UNKNOWN'),
              )
              if (chosen) opened.push({ name: target.name, chosen })
            })
            const saving = await withBases(context, keyed)
            const all = opened.map(({ chosen }) => chosen)
            const images = distinctImages(all.flatMap((one) => one.images))
            const wims = all.flatMap((one) => one.wims ?? [])
            const wanted = set ? withoutDelivered(images, saving.bases ?? [], result) : images
            await saveChosen(context, { images: wanted, wims }, form, saving, failures, result)
            if (set && failures.failed.length === 0) await keepLock(set, lockedBy(opened), request, result)
          },
        ),
    )
    if (failures.failed.length > 0) result.failed = failures.failed
    if (context.verdict) result.gate = context.verdict
    return result
  })
}

/** A target with what it means. */
interface OpenedTarget {
  name: string
  chosen: ChosenImages
}

function lockedBy(opened: OpenedTarget[]): AskedImage[] {
  return opened.flatMap(({ name, chosen }) => chosen.images.map((image) => ({ image, asked: name })))
}

async function saveChosen(
  context: Context,
  { images, wims }: { images: ChosenImage[]; wims: WimFile[] },
  form: SaveForm,
  request: SavingRequest,
  failures: Failures,
  result: SaveResult,
): Promise<void> {
  if (wims.length > 0) await refuseGate(request)
  if (wims.length > 1 || images.length > 0) checkWimAlone(request.path, wims)
  for (const wim of wims)
    await failures.attempt(`${wim.name} ${wim.version}`, () => saveWim(context, wim, request, result))
  const format = formFor(request, form, wims)
  checkRecovery(request, format)
  checkCarried(request, format)
  checkCarriedDatabase(request, format)
  if (images.length > 0) await gateImages(context, images, request)
  if (images.length > 0) await saveImages(context, images, format, { ...request, failures }, result)
  const archives = result.files.map(({ path: file }) => file)
  if (request.recovery !== undefined && !request.whatIf) await addRecovery(context, request, result)
  if (request.recovery === undefined && request.force && !request.whatIf && !format.saved.isFolder)
    await dropOutdatedRecovery(context, request, result)
  const isWorthIt = result.files.length > 0 || request.set === undefined
  if (!format.saved.isFolder && !request.whatIf && isWorthIt) await addBesides(context, request, result)
  if (request.keys && !format.saved.isFolder && !request.whatIf) {
    const { signSaved } = await import('./sign-saved.js')
    await signSaved(context, archives, request, result)
  }
}

/** A WIM that is copied as it is has no images that a gate could check. @throws USAGE */
async function refuseGate(request: SaveRequest): Promise<void> {
  if (!(await gateOf(request))) return
  throw new ContainerImageError('USAGE', 'A WIM that is copied as it is cannot be checked by a gate.', {
    expected: `${option('format')} oci-archive or another, which makes images of it`,
    found: 'a WIM',
    remedy: `Add ${option('format')}, or give an empty ${option('gate')} and look at the WIM by hand.`,
  })
}

/** Beside files in a folder; a media lists them itself. */
async function addBesides(context: Context, request: SaveRequest, result: SaveResult): Promise<void> {
  const folder = path.resolve(request.path)
  const tool = wantsTool(request) ? await carryTool(context, folder, request.withNode ?? []) : []
  for (const name of [...tool, ...(await carryDatabase(context, folder, request))]) {
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
