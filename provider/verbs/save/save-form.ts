import { extname } from 'node:path'
import { ContainerImageError, option, show } from '../../../manifests/index.js'
import type { CopyPlan } from '../../copy/ports.js'
import { isMedia } from '../../formats/media/media.js'
import { type SavedFormat, savedFormat, savedFormats } from '../../formats/open/saved-formats.js'
import type { WimFile } from '../../targets/chosen-images.js'
import type { SaveRequest } from './request.js'
import { isFolderTarget } from './saved-files.js'

/** What a save makes. */
export interface SaveForm {
  format: SavedFormat
  /** Whether an offered WIM is copied as it is, or one image of it with all that its tree has. */
  keepsWims: boolean
}

/**
 * What a request wants: the format that it names, or else what its path already is, or its extension.
 * @throws FORMAT_UNKNOWN; USAGE for options that the format does not have
 */
export async function savedForm(request: SaveRequest): Promise<SaveForm> {
  const format = request.volumeSize === undefined ? await formatOf(request) : volumesOf(request)
  checkWimOptions(request, format)
  checkDeltaOptions(request, format)
  const asItIs = request.format === undefined ? format.saved.keepsWims : format.name === 'wim'
  const isTakenOut = request.index !== undefined
  return { format, keepsWims: asItIs && (isTakenOut || !wantsWimForm(request)) }
}

/** A folder that is a media stays one; a file becomes what its ending says. */
async function formatOf({ format, path }: SaveRequest): Promise<SavedFormat> {
  if (format === undefined && (await isMedia(path))) return savedFormat('media')
  const named = savedFormats().filter(({ saved }) => saved.isNamed)
  const wanted = format ?? byEnding(path)?.name ?? 'oci-archive'
  const known = named.find(({ name }) => name === wanted)
  if (known) return known
  const names = named.map(({ name }) => name)
  throw new ContainerImageError('FORMAT_UNKNOWN', `There is no format ${wanted}.`, {
    expected: `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
    found: wanted,
  })
}

function byEnding(file: string): SavedFormat | undefined {
  const ending = extname(file).toLowerCase()
  return savedFormats().find(({ saved, endings = [] }) => saved.isNamed && endings.includes(ending))
}

function volumesOf({ format: named, path }: SaveRequest): SavedFormat {
  const format = named ?? byEnding(path)?.name ?? 'oci-archive'
  // A set with the ending of a WIM is still a set of volumes.
  if (format === 'oci-archive' || (named === undefined && format === 'wim')) return savedFormat('volumes')
  throw new ContainerImageError('USAGE', `There are no volumes of the format ${format}.`, {
    expected: `${option('volumeSize')} without ${option('format')}`,
    found: named ?? show(path),
    remedy:
      format === 'wim'
        ? `Give ${option('splitSize')} for the parts of a WIM.`
        : `Leave ${option('format')} out.`,
  })
}

/** Several names saved into a folder share what they have in common. */
export function severalOnMedia({ format, names, path, volumeSize }: SaveRequest): boolean {
  return format === undefined && volumeSize === undefined && names.length > 1 && isFolderTarget(path)
}

/** Whether a WIM is to be written differently from the one that a source offers. */
function wantsWimForm({ wimCompress, integrity, splitSize }: SaveRequest): boolean {
  return wimCompress !== undefined || integrity === true || splitSize !== undefined
}

function checkWimOptions(request: SaveRequest, { name }: SavedFormat): void {
  if (name === 'wim' || !wantsWimForm(request)) return
  throw new ContainerImageError(
    'USAGE',
    `${option('wimCompress')}, ${option('integrity')} and ${option('splitSize')} are for WIMs.`,
    {
      expected: `${option('format')} wim, or a file that ends in .wim`,
      found: name,
      remedy: `Add ${option('format')} wim, or leave them out.`,
    },
  )
}

function checkDeltaOptions({ base, delta }: SaveRequest, { name, saved }: SavedFormat): void {
  const hasBase = base !== undefined && base.length > 0
  if (delta !== undefined && !hasBase)
    throw new ContainerImageError('USAGE', `${option('delta')} needs ${option('base')}.`, {
      expected: 'what the other side has: an inventory, receipts, an archive or a media',
      found: `no ${option('base')}`,
      remedy: `Add ${option('base')} FILE, or leave ${option('delta')} out.`,
    })
  const cannot = saved.delta === 'none' ? hasBase : saved.delta === 'layers' && delta === 'blocks'
  if (cannot) throw cannotBeDelta(name, delta ? ' of blocks' : '')
}

/**
 * What is being saved may itself be a block delta: a format that cannot say so would lack layers.
 * @throws USAGE
 */
export function checkDeltaCarried({ delta }: CopyPlan, { name, saved }: SavedFormat): void {
  if (saved.delta !== 'blocks' && delta?.missing.some((blob) => blob.delta))
    throw cannotBeDelta(name, ' of blocks')
}

function cannotBeDelta(format: string, ofWhat: string): ContainerImageError {
  return new ContainerImageError('USAGE', `The format ${format} cannot be a delta${ofWhat}.`, {
    expected: deltaFormats(),
    found: format,
    remedy: `Leave ${option('format')} out, or save the whole image.`,
  })
}

/** Volumes, which have their own option, come last. */
function deltaFormats(): string {
  const able = savedFormats().filter(({ saved }) => saved.delta === 'blocks')
  const names = [true, false].map((isNamed) =>
    able.filter(({ saved }) => saved.isNamed === isNamed).map(({ name }) => name),
  )
  return names.map((some) => some.join(', ')).join(' or ')
}

/** A WIM is a file of its own: it cannot be saved into one file with others. @throws USAGE */
export function checkWimAlone(target: string, wims: WimFile[]): void {
  if (wims.length === 0 || !isOneFile(target)) return
  throw new ContainerImageError('USAGE', 'A WIM cannot be saved into one file with other images.', {
    expected: 'a folder',
    found: show(target),
    remedy: `Give a folder with ${option('path')}.`,
  })
}

/** @throws USAGE if the path is that of an archive, which a WIM becomes only on request */
export function checkWimPath({ name }: WimFile, { path, format }: SaveRequest): void {
  const ending = byEnding(path)
  if (format !== undefined || ending === undefined || ending.name === 'wim' || isFolderTarget(path)) return
  throw new ContainerImageError('USAGE', `${show(name)} is offered as a WIM, which is saved as it is.`, {
    side: 'destination',
    expected: 'an existing folder, or a file name that ends in .wim',
    found: show(path),
    remedy: `Give one of these, or make an archive of it with ${option('format')} ${ending.name}.`,
  })
}

function isOneFile(target: string): boolean {
  const endings = savedFormats().flatMap(({ endings = [] }) => endings)
  return endings.some((ending) => target.toLowerCase().endsWith(ending))
}
