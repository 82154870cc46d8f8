import { printable, shortDigest } from '../../manifests/index.js'
import type { ComparedSbom, InsidePackage, PackagesResult, WrittenSbom } from '../../provider/index.js'
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

/** What it is, what it has, and which parts of it could not be read. */
export function insidePackageLines(result: PackagesResult, width: number | undefined): string[] {
  const { image, distribution, packages, notes, carried = [] } = result
  const system =
    distribution && (distribution.prettyName ?? [distribution.id, distribution.version].join(' ').trim())
  return [
    `${image}: ${[system, counted(packages.length, 'package')].filter((part) => part !== undefined).join(', ')}`,
    ...(packages.length > 0 ? ['', ...table(COLUMNS, packages.map(row), { gap: 2, width })] : []),
    ...(carried.length > 0 ? [''] : []),
    ...carried.flatMap(carriedLines),
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

/** A few of each; all of them are in the JSON. */
const MOST_NAMED = 5

function carriedLines({ digest, format, packages, both, onlyThere, onlyHere }: ComparedSbom): string[] {
  return [
    `SBOM ${shortDigest(digest)} (${format}) goes with it: ${counted(packages, 'package')}, ${both} of them found here`,
    ...(onlyThere.length > 0 ? [`  only in the SBOM: ${someOf(onlyThere)}`] : []),
    ...(onlyHere.length > 0 ? [`  only in the image: ${someOf(onlyHere)}`] : []),
  ]
}

function someOf(urls: string[]): string {
  const more = urls.length > MOST_NAMED ? ` and ${urls.length - MOST_NAMED} more` : ''
  return `${urls.slice(0, MOST_NAMED).map(printable).join(', ')}${more}`
}
