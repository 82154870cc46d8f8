import { stat } from 'node:fs/promises'
import { refuseWildcards } from '../../catalog/version-parameters.js'
import { ContainerImageError, show } from '../../manifests/index.js'
import { type ArchiveFormat, planMembers } from '../archive/formats.js'
import { archiveSink } from '../archive/sink.js'
import type { ChosenImage } from '../choice/chosen-image.js'
import type { ChosenImages, WimFile } from '../choice/chosen-images.js'
import { layersTaken } from '../choice/foreign-layers.js'
import { newestOfEachName } from '../choice/newest.js'
import { withArtifacts } from '../choice/travelling.js'
import { type Context, inContext } from '../context/context.js'
import { defined } from '../context/defined.js'
import { combined } from '../copy/combined-source.js'
import { copy } from '../copy/copy.js'
import { planCopy } from '../copy/plan.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { SaveFormat, SaveRequest, SaveResult } from '../requests.js'
import { saveWim } from './save-wim.js'
import { type FileToSave, filesToSave } from './saved-files.js'
import { hashOf, savedImage } from './saved-result.js'
import { resolveTargets } from './targets.js'

const FORMATS: SaveFormat[] = ['oci-archive', 'docker-archive', 'wim']

/**
 * Saves images into portable files: into a folder one file an image, into a `.tar` all of them, into a `.wim` one.
 * The same images always give the same bytes; an interrupted run is continued by the next.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE, network errors and more: see docs/errors.md
 */
export async function save(request: SaveRequest): Promise<SaveResult> {
  const format = formatOf(request)
  checkWimOptions(request, format)
  refuseWildcards(request.names)
  return await inContext(request, async (context) => {
    const opened: ChosenImages[] = []
    // A WIM is saved as it is, unless another format or another form of it was asked for.
    const keepsWims = { keepsWims: (request.format === undefined || format === 'wim') && !wantsForm(request) }
    try {
      for (const name of request.names) opened.push(await resolveTargets(context, name, request, keepsWims))
      const images = distinctImages(opened.flatMap((one) => one.images))
      const wims = opened.flatMap((one) => one.wims ?? [])
      if (wims.length > 1 || images.length > 0) checkFolder(request.path, wims)
      const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
      if (format === 'wim') {
        const { saveAsWims } = await import('./save-as-wim.js')
        for (const wim of wims) await saveWim(context, wim, request, result)
        await saveAsWims(context, images, request, result)
        return result
      }
      const files = images.length > 0 ? filesToSave(request.path, images, request.force ?? false) : []
      for (const wim of wims) await saveWim(context, wim, request, result)
      for (const file of files) await saveFile(context, file, format, request, result)
      return result
    } finally {
      for (const one of opened) await one.close()
    }
  })
}

/** A file that ends in .wim is to be one. @throws FORMAT_UNKNOWN */
function formatOf({ format, path }: SaveRequest): SaveFormat {
  const wanted = format ?? (/\.(wim|swm)$/i.test(path) ? 'wim' : 'oci-archive')
  const known = FORMATS.find((one) => one === wanted)
  if (known) return known
  throw new ContainerImageError('FORMAT_UNKNOWN', `There is no format ${wanted}.`, {
    expected: `${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}`,
    found: wanted,
  })
}

/** Whether a WIM is to have another form than one that a source offers. */
function wantsForm({ wimCompress, integrity, splitSize }: SaveRequest): boolean {
  return wimCompress !== undefined || integrity === true || splitSize !== undefined
}

/** @throws USAGE for options that no other format has */
function checkWimOptions(request: SaveRequest, format: SaveFormat): void {
  if (format === 'wim' || !wantsForm(request)) return
  throw new ContainerImageError('USAGE', '--wim-compress, --integrity and --split are for WIMs.', {
    expected: '--format wim, or a file that ends in .wim',
    found: format,
    remedy: 'Add --format wim, or leave them out.',
  })
}

/** A WIM is a file of its own: it does not go into one with others. @throws USAGE */
function checkFolder(target: string, wims: WimFile[]): void {
  if (wims.length === 0 || !/\.(wim|swm|tar)$/i.test(target)) return
  throw new ContainerImageError('USAGE', 'A WIM cannot be saved into one file with other images.', {
    expected: 'a folder',
    found: show(target),
    remedy: 'Give a folder with --path.',
  })
}

/** A name that was given twice is saved once. */
function distinctImages(images: ChosenImage[]): ChosenImage[] {
  const key = (image: ChosenImage): string => `${image.name} ${image.version} ${image.root.digest}`
  return [...new Map(images.map((image) => [key(image), image])).values()]
}

async function saveFile(
  context: Context,
  { file, images }: FileToSave,
  format: ArchiveFormat,
  request: SaveRequest,
  result: SaveResult,
): Promise<void> {
  const { source, plan } = await planFile(images, request)
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

/** All images of one file, from however many sources. */
async function planFile(
  images: ChosenImage[],
  request: SaveRequest,
): Promise<{ source: ImageSource; plan: CopyPlan }> {
  const { signal } = request
  const latest = newestOfEachName(images)
  const bySource = new Map<ImageSource, PlannedImage[]>()
  for (const image of images) {
    const planned = await withArtifacts(image, { latest: latest.has(image), ...defined({ signal }) })
    bySource.set(image.source, [...(bySource.get(image.source) ?? []), ...planned])
  }
  const parts: { source: ImageSource; plan: CopyPlan }[] = []
  for (const [source, planned] of bySource)
    parts.push({
      source,
      plan: await planCopy(source, planned, { ...layersTaken(request), ...defined({ signal }) }),
    })
  return combined(parts)
}
