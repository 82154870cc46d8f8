import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { refuseWildcards } from '../../catalog/version-parameters.js'
import { ContainerImageError, type Descriptor, formatPlatform, show } from '../../manifests/index.js'
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
import { type ArchiveFormat, planMembers } from '../in-place/formats.js'
import { isMedia } from '../media/media.js'
import type { CopyPlan, ImageSource, PlannedImage } from '../ports.js'
import type { SaveRequest, SaveResult } from '../requests.js'
import { saveWim } from './save-wim.js'
import { type FileToSave, filesToSave, isFolderTarget } from './saved-files.js'
import { resolveTargets } from './targets.js'

const FORMATS: ArchiveFormat[] = ['oci-archive', 'docker-archive']

/**
 * Saves images into portable files: into a folder one file an image, into a `.tar` all of them. The same
 * images always give the same bytes; an interrupted run is continued by the next.
 * @throws NO_MATCH, FILE_EXISTS, PATH_NOT_FOUND, NO_SPACE, network errors and more: see docs/errors.md
 */
export async function save(request: SaveRequest): Promise<SaveResult> {
  refuseWildcards(request.names)
  const onMedia = await isForMedia(request)
  const format = onMedia ? undefined : checkedFormat(request.format)
  return await inContext(request, async (context) => {
    const opened: ChosenImages[] = []
    // A WIM is saved as it is, unless another format was asked for.
    const keepsWims = {
      keepsWims: request.format === undefined && request.volumeSize === undefined && !onMedia,
    }
    try {
      for (const name of request.names) opened.push(await resolveTargets(context, name, request, keepsWims))
      const images = distinctImages(opened.flatMap((one) => one.images))
      const wims = opened.flatMap((one) => one.wims ?? [])
      if (wims.length > 1 || images.length > 0) checkFolder(request.path, wims)
      if (request.volumeSize !== undefined) return await intoVolumes(context, images, request)
      if (!format || (wims.length === 0 && isSeveralIntoFolder(request)))
        return await intoMedia(context, images, request)
      const files = images.length > 0 ? filesToSave(request.path, images, request.force ?? false) : []
      const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
      for (const wim of wims) await saveWim(context, wim, request, result)
      for (const file of files) await saveFile(context, file, format, request, result)
      return result
    } finally {
      for (const one of opened) await one.close()
    }
  })
}

/** A media is asked for by its name, or by giving the folder of one. */
async function isForMedia({ format, path: target, volumeSize }: SaveRequest): Promise<boolean> {
  if (volumeSize !== undefined) return false
  return format === 'media' || (format === undefined && (await isMedia(target)))
}

/** Several names that go to a folder share what they have in common; WIMs are files of their own. */
function isSeveralIntoFolder({ format, names, path: target }: SaveRequest): boolean {
  return format === undefined && names.length > 1 && isFolderTarget(target)
}

async function intoVolumes(
  context: Context,
  images: ChosenImage[],
  request: SaveRequest,
): Promise<SaveResult> {
  const { saveVolumes } = await import('./save-volumes.js')
  const planned = await planFile(images, request, 'latest')
  const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
  result.images.push(...images.map((image) => savedImage(image, planned.plan)))
  await saveVolumes(context, images, planned, request, result)
  return result
}

async function intoMedia(context: Context, images: ChosenImage[], request: SaveRequest): Promise<SaveResult> {
  const { saveMedia } = await import('./save-media.js')
  const planned = await planFile(images, request, 'no latest')
  const sources = new Map(images.map((image) => [image.root.digest, sourceOf(image)]))
  const result: SaveResult = { images: [], files: [], fetchedBytes: 0, reusedBytes: 0 }
  result.images.push(...images.map((image) => savedImage(image, planned.plan)))
  await saveMedia(context, { ...planned, sources }, request, result)
  return result
}

/** Of a file its name alone: where it lay on this machine is nobody's business. */
function sourceOf({ source }: ChosenImage): string {
  return existsSync(source.label) ? path.basename(path.resolve(source.label)) : source.label
}

function checkedFormat(format: string = 'oci-archive'): ArchiveFormat {
  const known = FORMATS.find((one) => one === format)
  if (known) return known
  throw new ContainerImageError('FORMAT_UNKNOWN', `There is no format ${format}.`, {
    expected: [...FORMATS, 'media'].join(', '),
    found: format,
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
  const { source, plan } = await planFile(images, request, 'latest')
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
  tags: 'latest' | 'no latest',
): Promise<{ source: ImageSource; plan: CopyPlan }> {
  const { signal } = request
  const latest = tags === 'latest' ? newestOfEachName(images) : new Set<ChosenImage>()
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

function savedImage(image: ChosenImage, plan: CopyPlan): SaveResult['images'][number] {
  return {
    name: image.name,
    version: image.version,
    platform: formatPlatform(image.platform),
    digest: image.root.digest,
    size: sizeOf(image.root, plan),
  }
}

/** Bytes of everything that a root needs, in this plan. */
function sizeOf(root: Descriptor, plan: CopyPlan): number {
  const seen = new Set<string>()
  const sizes = new Map(plan.contents.map((descriptor) => [descriptor.digest, descriptor.size]))
  const visit = (digest: string): number => {
    if (seen.has(digest)) return 0
    seen.add(digest)
    const document = plan.documents.get(digest)
    const size = sizes.get(digest) ?? 0
    if (!document) return size
    const { manifests, config, layers } = JSON.parse(Buffer.from(document).toString('utf8')) as {
      manifests?: Descriptor[]
      config?: Descriptor
      layers?: Descriptor[]
    }
    const children = [...(manifests ?? []), ...(layers ? [config, ...layers] : [])]
    return size + children.reduce((sum, child) => sum + (child?.digest ? visit(child.digest) : 0), 0)
  }
  return visit(root.digest)
}

/** The SHA-256 of a file that was there before, or is too small to have been hashed on the way. */
async function hashOf(context: Context, file: string, size: number, request: SaveRequest): Promise<string> {
  const { signal, onProgress } = request
  const task = `Hashing ${file}`
  onProgress?.({ type: 'begin', task, total: size })
  onProgress?.({ type: 'blob', id: file, label: 'file', size })
  const onBytes = (count: number): void => onProgress?.({ type: 'bytes', id: file, count, kind: 'verified' })
  const source = { path: file, offset: 0, size }
  const { hex } = await context.hasher.run(
    { source, algorithm: 'sha256' },
    { onBytes, ...defined({ signal }) },
  )
  onProgress?.({ type: 'blob-end', id: file })
  onProgress?.({ type: 'end', task })
  return hex
}
