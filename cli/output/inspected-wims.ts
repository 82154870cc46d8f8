import { printable } from '../../manifests/index.js'
import type { InspectedImage, InspectedWim } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'
import { table } from './table.js'

/** What WIMs say about themselves, a paragraph and a table each; undefined if other images are among them. */
export function inspectedWimLines(
  inspected: readonly (InspectedImage | InspectedWim)[],
  width?: number,
): string[] | undefined {
  const wims = inspected.filter((one): one is InspectedWim => 'format' in one && one.format === 'WIM')
  if (wims.length === 0 || wims.length < inspected.length) return undefined
  return wims.flatMap((wim, i) => [...(i > 0 ? [''] : []), ...wimLines(wim, width)])
}

function wimLines(wim: InspectedWim, width: number | undefined): string[] {
  const columns = [
    { title: 'INDEX', align: 'right' as const },
    { title: 'NAME', shrinks: 2 },
    { title: 'VERSION' },
    { title: 'EDITION', shrinks: 1 },
    { title: 'ARCH' },
    { title: 'SIZE', align: 'right' as const },
    { title: 'FILES', align: 'right' as const },
    { title: 'CREATED' },
  ]
  const rows = wim.images.map((image) => [
    `${image.index}${image.index === wim.bootIndex ? '*' : ''}`,
    image.name ?? '',
    image.version ?? '',
    image.edition ?? '',
    image.architecture ?? '',
    image.size === undefined ? '' : size(image.size),
    image.files === undefined ? '' : String(image.files),
    image.created?.slice(0, 10) ?? '',
  ])
  const boot = wim.bootIndex === undefined ? [] : ['* is what a machine starts.']
  return [
    `${printable(wim.name)}: ${formOf(wim).join(', ')}`,
    ...(rows.length > 0 ? table(columns, rows, { width, gap: 2 }) : []),
    ...boot,
  ]
}

function formOf(wim: InspectedWim): string[] {
  const { compression, chunkSize, solid, pipable, parts, integrityTable } = wim
  const chunks = chunkSize === 0 ? [] : [`chunks of ${chunkSize / 1024} KiB`]
  return [
    'WIM',
    counted(wim.images.length, 'image'),
    size(wim.size),
    ...(parts.length > 1 ? [`${parts.length} parts`] : []),
    compression === 'none' ? 'not compressed' : compression,
    ...chunks,
    ...(solid ? ['solid'] : []),
    ...(pipable ? ['pipable'] : []),
    ...(integrityTable ? ['with hashes of the file'] : []),
  ]
}
