import { formatPlatform } from '../../manifests/index.js'
import type { FoundImage } from '../../provider/index.js'
import { shortId } from './ids.js'
import { table } from './table.js'
import { type Field, formattedLines } from './templates.js'

/**
 * `Name Version Source Summary`, as the provider printed it; with the platform if that is what distinguishes
 * two rows.
 */
export function foundLines(images: FoundImage[], width?: number): string[] {
  const hasPlatforms = new Set(images.map(placeOf)).size < images.length
  const columns = [
    { title: 'Name', shrinks: 3 },
    { title: 'Version' },
    ...(hasPlatforms ? [{ title: 'Platform' }] : []),
    { title: 'Source', shrinks: 2 },
    { title: 'Summary', shrinks: 1 },
  ]
  const rows = images.map((image) => [
    ...nameOf(image),
    ...(hasPlatforms ? [platformOf(image)] : []),
    image.source,
    image.summary,
  ])
  return images.length === 0 ? [] : table(columns, rows, { width, gap: 2, underlined: true })
}

function placeOf({ name, version, source, digest }: FoundImage): string {
  return JSON.stringify([name, version, source, name === '' ? digest : ''])
}

/** An image without a name is shown by its digest. */
function nameOf({ name, version, digest }: FoundImage): [string, string] {
  return name === '' && digest ? [shortId(digest), '<none>'] : [name, version]
}

function platformOf({ os, architecture, variant, osVersion }: FoundImage): string {
  if (os === '') return ''
  return formatPlatform({ os, architecture, variant, 'os.version': osVersion })
}

/** In a template's words. @throws USAGE */
export function foundInFormat(images: FoundImage[], format: string): string[] {
  const fields: Field<FoundImage>[] = [
    { name: 'Name', title: 'NAME', value: ({ name }) => name },
    { name: 'Version', title: 'VERSION', value: ({ version }) => version },
    { name: 'Source', title: 'SOURCE', value: ({ source }) => source },
    { name: 'Summary', title: 'SUMMARY', value: ({ summary }) => summary },
    { name: 'Platform', title: 'PLATFORM', value: platformOf },
    { name: 'Reference', title: 'REFERENCE', value: ({ reference }) => reference ?? '' },
    { name: 'Digest', title: 'DIGEST', value: ({ digest }) => digest ?? '' },
  ]
  return formattedLines(format, images, fields, ['find'])
}
