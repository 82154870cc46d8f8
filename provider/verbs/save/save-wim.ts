import { stat } from 'node:fs/promises'
import path from 'node:path'
import { fileExists } from '../../formats/in-place/file-exists.js'
import { partName } from '../../formats/wim/write/index.js'
import { closing } from '../../io/closing/closing.js'
import { makeFolder } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import { clearCopied, copyFile } from '../../io/hashing/copy-file.js'
import { sameFile } from '../../io/hashing/same-file.js'
import type { Context } from '../../session/context.js'
import type { WimFile } from '../../targets/chosen-images.js'
import { judgeWim } from '../../trust/images/judge-wim.js'
import { refuseUnsigned, type TrustedFiles, trustFiles } from '../../trust/taking/open-trusted.js'
import { deltaNote } from './delta-note.js'
import { imagesToWrite } from './images-to-write.js'
import type { SaveRequest, SaveResult } from './request.js'
import { checkWimPath } from './save-form.js'
import { filesToSave } from './saved-files.js'

/**
 * Copies a WIM as it is, under the name that the original provider gave it; for a split one, all parts. If a
 * source pins it, it is compared.
 * @throws FILE_EXISTS, DIGEST_MISMATCH, SIZE_MISMATCH, NO_SPACE, network errors
 */
export async function saveWim(
  context: Context,
  wim: WimFile,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  checkWimPath(wim, request)
  await judgeWim(context, wim, locationOf(wim))
  if (wim.location.kind === 'url') await refuseUnsigned(context, wim.location.url)
  if (wim.location.kind === 'url' && wantsOthers(wim, request) && !request.whatIf)
    return await saveFetched(context, wim, wim.location, request, result)
  const trusted = await trustedWim(context, wim)
  const images = await imagesToWrite(wim, request.ref)
  if (images.length > 0 && wim.location.kind === 'path') {
    const { saveImagesOfWim } = await import('./save-images-of-wim.js')
    return await saveImagesOfWim(context, wim, images, trusted, request, result)
  }
  const force = request.force ?? false
  const [{ file } = { file: '' }] = filesToSave(request.path, [wim], force, '.wim')
  const saved = request.whatIf ? await planned(wim, file) : await write(context, wim, trusted, file, force)
  result.files.push(...saved.map(({ path, size, sha256 }) => ({ path, size, sha256 })))
  const size = saved.reduce((sum, one) => sum + one.size, 0)
  const digest = saved[0]?.sha256 ? `sha256:${saved[0].sha256}` : ''
  result.images.push({ name: wim.name, version: wim.version, platform: wim.platform, digest, size })
  const kept = wim.location.kind === 'path' ? wim.location.path : saved[0]?.path
  if (kept !== undefined && (wim.location.kind === 'path' || !request.whatIf))
    for (const note of await deltaNote(context, wim, kept)) context.note(note)
  if (request.sbom && !request.whatIf && kept !== undefined) {
    const { addSbomsOfWim } = await import('./sboms-of-wim.js')
    await addSbomsOfWim(context, kept, file, request, result)
  }
  result.fetchedBytes += saved.reduce((sum, one) => sum + one.fetchedBytes, 0)
  result.reusedBytes += saved.reduce((sum, one) => sum + one.reusedBytes, 0)
}

/** @throws as `trustFiles` */
async function trustedWim(context: Context, { name, location, beside }: WimFile): Promise<TrustedFiles> {
  if (location.kind === 'path')
    return await trustFiles(context, location.path, { beside, images: [{ name }] })
  return { sums: new Map(), checkUsed: async () => {} }
}

function locationOf({ location }: WimFile): string {
  return location.kind === 'path' ? location.path : location.url
}

/** Whether something other than the file itself is asked for: one image of it, or what it and other files make. */
function wantsOthers({ image }: WimFile, { ref = [] }: SaveRequest): boolean {
  return image !== undefined || ref.length > 0
}

/** Nothing is known about a WIM behind a URL before it is here. */
async function saveFetched(
  context: Context,
  wim: WimFile,
  location: WimFile['location'] & { kind: 'url' },
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { fetchToStore, namedByUrl } = await import('../../targets/url-entry.js')
  const { file, remove } = await fetchToStore(context, location, `${wim.name} ${wim.version}`)
  const { sha256, size } = location
  const here = { ...wim, location: { kind: 'path' as const, path: file, sha256, size } }
  await closing(remove, async () => {
    await saveWim(context, here, request, result).catch((error) => {
      throw namedByUrl(error, file, location)
    })
  })
}

interface Saved {
  path: string
  size: number
  sha256: string
  fetchedBytes: number
  reusedBytes: number
}

async function planned({ location }: WimFile, file: string): Promise<Saved[]> {
  const size = location.kind === 'path' ? (await stat(location.path)).size : (location.size ?? 0)
  return [{ path: file, size, sha256: '', fetchedBytes: size, reusedBytes: 0 }]
}

async function write(
  context: Context,
  wim: WimFile,
  { sums }: TrustedFiles,
  file: string,
  force: boolean,
): Promise<Saved[]> {
  const { location, beside } = wim
  if (force) await inWords(`Writing ${file}`, 'destination', () => makeFolder(path.dirname(file)))
  if (location.kind === 'path') return await copyParts(context, { ...location, beside }, sums, file, force)
  await checkFree(file, force)
  const { fetchUrl } = await import('../../targets/url-entry.js')
  const fetched = await fetchUrl(context, location, file, { label: `${wim.name} ${wim.version}` })
  return [{ path: file, ...fetched }]
}

async function copyParts(
  context: Context,
  location: WimFile['location'] & { kind: 'path' } & Pick<WimFile, 'beside'>,
  sums: TrustedFiles['sums'],
  file: string,
  force: boolean,
): Promise<Saved[]> {
  const { openWim } = await import('../../formats/wim/read/wim.js')
  const onUsed = (used: string): unknown => context.usedFiles.add(used)
  const wim = await openWim(location.path, { beside: location.beside, onUsed })
  const parts = wim.parts.map((part) => part.path)
  await wim.close()
  const { sha256, size } = location
  const pin = parts.length === 1 ? { sha256, size } : {}
  const saved: Saved[] = []
  for (const [i, part] of parts.entries()) {
    const target = parts.length === 1 ? file : partName(firstPart(file), i + 1)
    const signed = sums.get(part)
    const there = await sameFile(context.hasher, part, target, { signal: context.options.signal })
    if (there) {
      await clearCopied(target)
      saved.push({ path: target, ...there, fetchedBytes: 0, reusedBytes: there.size })
      continue
    }
    await checkFree(target, force)
    const { signal, onProgress } = context.options
    const options = { hasher: context.hasher, ...pin, ...(signed && { sha256: signed }), signal, onProgress }
    const copied = await copyFile(part, target, options)
    saved.push({ path: target, ...copied, fetchedBytes: copied.size, reusedBytes: 0 })
  }
  return saved
}

/** The parts of a set are found by their extension. */
function firstPart(file: string): string {
  return `${file.slice(0, -path.extname(file).length)}.swm`
}

async function checkFree(file: string, force: boolean): Promise<void> {
  if (force || !(await stat(file).catch(() => undefined))) return
  throw fileExists(file, 'no file of this name')
}
