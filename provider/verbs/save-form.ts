import { ContainerImageError, show } from '../../manifests/index.js'
import type { WimFile } from '../choice/chosen-images.js'
import { isMedia } from '../media/media.js'
import type { CopyPlan } from '../ports.js'
import type { SaveFormat, SaveRequest } from '../requests.js'
import { isPacked, packedByEnding } from './packed-format.js'
import { isFolderTarget } from './saved-files.js'

/** What a save makes. */
export interface SaveForm {
  format: SaveFormat | 'volumes'
  /** Whether a WIM that is offered is copied as it is. */
  keepsWims: boolean
}

const FORMATS: SaveFormat[] = ['oci-archive', 'docker-archive', 'wim', 'zip', '7z', 'media']

/**
 * What a request wants to have made: what it names, else what its path is already or ends in.
 * @throws FORMAT_UNKNOWN; USAGE for options that the form does not have
 */
export async function savedForm(request: SaveRequest): Promise<SaveForm> {
  const format = request.volumeSize === undefined ? await formatOf(request) : volumesOf(request)
  checkWimOptions(request, format)
  checkDeltaOptions(request, format)
  const asItIs = request.format === undefined ? takesWims(format) : format === 'wim'
  return { format, keepsWims: asItIs && !wantsWimForm(request) }
}

/** Everything but what has room for images alone. */
function takesWims(format: SaveForm['format']): boolean {
  return format !== 'media' && format !== 'volumes' && !isPacked(format)
}

/** A folder that is a media goes on to be one; a file that ends in .wim, .zip or .7z is to be one. */
async function formatOf({ format, path }: SaveRequest): Promise<SaveFormat> {
  if (format === undefined && (await isMedia(path))) return 'media'
  const wanted = format ?? (/\.(wim|swm)$/i.test(path) ? 'wim' : (packedByEnding(path) ?? 'oci-archive'))
  const known = FORMATS.find((one) => one === wanted)
  if (known) return known
  throw new ContainerImageError('FORMAT_UNKNOWN', `There is no format ${wanted}.`, {
    expected: `${FORMATS.slice(0, -1).join(', ')} or ${FORMATS.at(-1)}`,
    found: wanted,
  })
}

function volumesOf({ format: named, path }: SaveRequest): 'volumes' {
  const format = named ?? packedByEnding(path)
  if (format === undefined || format === 'oci-archive') return 'volumes'
  throw new ContainerImageError('USAGE', `There are no volumes of the format ${format}.`, {
    expected: '--volume-size without --format',
    found: named ?? show(path),
    remedy: format === 'wim' ? 'Give --split for the parts of a WIM.' : 'Leave --format out.',
  })
}

/** Several names that go to a folder share what they have in common. */
export function severalOnMedia({ format, names, path, volumeSize }: SaveRequest): boolean {
  return format === undefined && volumeSize === undefined && names.length > 1 && isFolderTarget(path)
}

/** Whether a WIM is to have another form than one that a source offers. */
function wantsWimForm({ wimCompress, integrity, splitSize }: SaveRequest): boolean {
  return wimCompress !== undefined || integrity === true || splitSize !== undefined
}

function checkWimOptions(request: SaveRequest, format: SaveForm['format']): void {
  if (format === 'wim' || !wantsWimForm(request)) return
  throw new ContainerImageError('USAGE', '--wim-compress, --integrity and --split are for WIMs.', {
    expected: '--format wim, or a file that ends in .wim',
    found: format,
    remedy: 'Add --format wim, or leave them out.',
  })
}

/** A WIM has no layers to leave out, and in docker's own archive nothing could say that one is a delta. */
function checkDeltaOptions({ base, delta }: SaveRequest, format: SaveForm['format']): void {
  const hasBase = base !== undefined && base.length > 0
  if (delta !== undefined && !hasBase)
    throw new ContainerImageError('USAGE', '--delta needs --base.', {
      expected: 'what the other side has: an inventory, receipts, an archive or a media',
      found: 'no --base',
      remedy: 'Add --base FILE, or leave --delta out.',
    })
  const cannot = format === 'wim' ? hasBase : format === 'docker-archive' && delta === 'blocks'
  if (cannot) throw cannotBeDelta(format, delta ? ' of blocks' : '')
}

/** What is saved on may be a delta of blocks, too: a docker archive of it would lack layers and not say so. @throws USAGE */
export function checkDeltaCarried({ delta }: CopyPlan, format: SaveForm['format']): void {
  if (format === 'docker-archive' && delta?.missing.some((blob) => blob.delta))
    throw cannotBeDelta(format, ' of blocks')
}

function cannotBeDelta(format: string, ofWhat: string): ContainerImageError {
  return new ContainerImageError('USAGE', `The format ${format} cannot be a delta${ofWhat}.`, {
    expected: 'oci-archive, media, zip, 7z or volumes',
    found: format,
    remedy: 'Leave --format out, or save the whole image.',
  })
}

/** A WIM is a file of its own: it does not go into one with others. @throws USAGE */
export function checkWimAlone(target: string, wims: WimFile[]): void {
  if (wims.length === 0 || !/\.(wim|swm|tar|zip|7z)$/i.test(target)) return
  throw new ContainerImageError('USAGE', 'A WIM cannot be saved into one file with other images.', {
    expected: 'a folder',
    found: show(target),
    remedy: 'Give a folder with --path.',
  })
}
