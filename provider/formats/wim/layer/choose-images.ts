import { ContainerImageError, option, printable, show } from '../../../../manifests/index.js'
import type { WimImageInfo } from '../read/image-info.js'
import type { WimTree } from '../read/metadata.js'
import { ntfsUpcase } from '../read/upcase.js'
import { findImage, imageList, type Wim } from '../read/wim.js'

/** An image of the WIM and the folder of the layer that it fills. */
export interface PlacedImage {
  info: WimImageInfo
  /** `Files`, `UtilityVM/Files`; a Linux tree fills the layer itself. */
  prefix: string
}

export interface ChosenOfWim {
  images: PlacedImage[]
  /** Notes for somebody who did not choose an image. */
  note?: string
}

/** What reads the tree of an image. */
export type TreeOf = (info: WimImageInfo) => Promise<WimTree>

/**
 * Which images become the layer: the only one; if there are two, the first as the container and the second as
 * its utility VM; or the one that was named.
 * @param chosen index from 1, a name, or an edition
 * @throws USAGE if there are others and none was named; NO_MATCH
 */
export async function chooseImages(
  wim: Wim,
  chosen: string | undefined,
  treeOf: TreeOf,
): Promise<ChosenOfWim> {
  if (chosen !== undefined) return { images: [{ info: findImage(wim, chosen), prefix: 'Files' }] }
  const [first, second] = wim.images
  if (!first || wim.images.length > 2) throw unexpectedNumber(wim)
  const images: PlacedImage[] = [{ info: first, prefix: 'Files' }]
  if (!second) return { images }
  const relation = await relationOf(first, second, treeOf)
  if (relation === 'apart') throw unexpectedNumber(wim)
  images.push({ info: second, prefix: 'UtilityVM/Files' })
  if (relation === 'machine') return { images }
  const names = [second, first].map(({ name }) => show(name ?? ''))
  return {
    images,
    note: printable(
      `${wim.name} has two images: ${names[0]} became the utility VM of ${names[1]}. ` +
        `Choose one with ${option('index')} where they are two images of their own.`,
    ),
  }
}

/** Whether an index or name has to be given, as no two images of the WIM are a container and its machine. */
export async function hasSeveral(wim: Wim, treeOf: TreeOf): Promise<boolean> {
  const [first, second] = wim.images
  if (!first || !second) return false
  return wim.images.length > 2 || (await relationOf(first, second, treeOf)) === 'apart'
}

/**
 * What the second of two images is: certainly the utility VM of the first, a separate image, or possibly
 * either.
 */
async function relationOf(
  first: WimImageInfo,
  second: WimImageInfo,
  treeOf: TreeOf,
): Promise<'machine' | 'apart' | 'unknown'> {
  if (/\butility ?vm\b|\buvm\b/i.test(second.name ?? '')) return 'machine'
  const tree = await treeOf(second)
  if (startsMachine(tree)) return 'machine'
  // Utility VMs are Windows.
  if (tree.isUnix || (await treeOf(first)).isUnix) return 'apart'
  const facts = ({ flags, windows }: WimImageInfo) => [flags, windows?.editionId, windows?.installationType]
  const theirs = facts(second)
  if (facts(first).some((one, i) => one && theirs[i] && one !== theirs[i])) return 'apart'
  return isNamedApart(first, second) ? 'apart' : 'unknown'
}

/** What boots a utility VM; the importer needs it (hcsshim, internal/wclayer/legacy.go, BcdFilePath). */
const BOOT = ['EFI', 'MICROSOFT', 'BOOT', 'BCD']

function startsMachine({ root }: WimTree): boolean {
  let entry: WimTree['root'] | undefined = root
  for (const name of BOOT) entry = entry?.children?.find((child) => ntfsUpcase(child.name) === name)
  return entry !== undefined
}

/** A separate Windows with its own name, not the first one's name with a number. */
function isNamedApart(first: WimImageInfo, second: WimImageInfo): boolean {
  const { name = '' } = first
  const own = second.name ?? ''
  const isNumbered = own.startsWith(name) && /^\s*\d*$/.test(own.slice(name.length))
  return own !== '' && second.windows?.version !== undefined && !isNumbered
}

function unexpectedNumber(wim: Wim): ContainerImageError {
  return new ContainerImageError(
    wim.images.length === 0 ? 'ARCHIVE_UNKNOWN' : 'USAGE',
    `${show(wim.name)} contains an unexpected number of images (${wim.images.length}).`,
    {
      side: 'source',
      expected: 'one image, or a container and its utility VM',
      found: imageList(wim.images),
      remedy:
        wim.images.length === 0
          ? 'Give a WIM that holds an image.'
          : `Choose one with ${option('index')}, as inspect lists them.`,
    },
  )
}
