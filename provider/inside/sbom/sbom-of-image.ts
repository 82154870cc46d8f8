import type { OpenImage } from '../image/open-image.js'
import type { ImagePackages } from '../packages-of-image/packages-of-facts.js'
import { cycloneDx } from './cyclonedx.js'
import { sbomDate } from './sbom-date.js'
import { spdx } from './spdx.js'

/** A format in which packages are listed for other programs. */
export type SbomFormat = 'cyclonedx' | 'spdx'

/**
 * The packages of an image as a document.
 * @throws USAGE for a SOURCE_DATE_EPOCH that is not a time
 */
export function sbomOfImage(image: OpenImage, found: ImagePackages, format: SbomFormat): string {
  const listed = {
    ...found,
    name: withoutFolders(image.label),
    digest: image.root.digest,
    architecture: image.platform?.architecture ?? image.config.architecture,
    created: sbomDate(image.config.created),
  }
  return format === 'spdx' ? spdx(listed) : cycloneDx(listed)
}

/** Where a file was on this machine is nobody's business, and the same image has the same document anywhere. */
function withoutFolders(label: string): string {
  return /^(?:[./\\~]|[A-Za-z]:[\\/])/.test(label) ? (label.split(/[\\/]/).at(-1) ?? label) : label
}
