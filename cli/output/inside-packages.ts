import type { InsidePackage, PackagesResult, WrittenSbom } from '../../provider/index.js'
import { counted } from './counted.js'
import { size } from './sizes.js'
import { type Column, table } from './table.js'
import { cut } from './width.js'

const COLUMNS: Column[] = [
  { title: 'NAME', shrinks: 2 },
  { title: 'VERSION', shrinks: 3 },
  { title: 'KIND' },
  { title: 'LICENCE', shrinks: 1 },
  { title: 'LAYER', align: 'right' },
]

/** Debian's packages name a dozen; all of them are in the JSON. */
const LONGEST_LICENCE = 40

/** What it is, what it has, and what could not be read of it. */
export function insidePackageLines(result: PackagesResult, width: number | undefined): string[] {
  const { image, distribution, packages, notes } = result
  const system =
    distribution && (distribution.prettyName ?? [distribution.id, distribution.version].join(' ').trim())
  return [
    `${image}: ${[system, counted(packages.length, 'package')].filter((part) => part !== undefined).join(', ')}`,
    ...(packages.length > 0 ? ['', ...table(COLUMNS, packages.map(row), { gap: 2, width })] : []),
    ...(notes.length > 0 ? [''] : []),
    ...notes.map(({ file, layer, message }) => `${file} of layer ${layer} ${message}`),
  ]
}

function row({ name, version, kind, licence = '', layer }: InsidePackage): string[] {
  return [name, version, kind, cut(licence, LONGEST_LICENCE), String(layer)]
}

export function writtenSbomLines(
  { image, output, format, packages, ...sbom }: WrittenSbom,
  whatIf: boolean,
): string[] {
  const verb = whatIf ? 'Would write' : 'Wrote'
  return [`${verb} ${output}: ${counted(packages, 'package')} of ${image}, ${format}, ${size(sbom.size)}`]
}
