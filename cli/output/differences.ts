import { printable } from '../../manifests/index.js'
import type {
  ChangedPackage,
  ChangedSetting,
  ChangedVulnerability,
  DifferentFile,
  DiffResult,
  LayerComparison,
} from '../../provider/index.js'
import { shortId } from './ids.js'
import { size } from './sizes.js'
import { type Column, table } from './table.js'

const MARKS: Record<DifferentFile['change'], string> = { added: '+', removed: '-', changed: '~' }
const FILE_COLUMNS: Column[] = [
  { title: '' },
  { title: 'FIRST', align: 'right' },
  { title: 'SECOND', align: 'right' },
  { title: 'DIFFERS IN', endless: true },
  { title: 'NAME', endless: true },
]
const PACKAGE_COLUMNS: Column[] = [
  { title: 'KIND' },
  { title: 'PACKAGE', endless: true },
  { title: 'FIRST', endless: true },
  { title: 'SECOND', endless: true },
]
const VULNERABILITY_COLUMNS: Column[] = ['', 'SEVERITY', 'ID', 'PACKAGE', 'VERSION', 'FIXED IN'].map(
  (title) => ({ title, endless: true }),
)
const SETTING_COLUMNS: Column[] = [
  { title: 'SETTING', endless: true },
  { title: 'FIRST', endless: true },
  { title: 'SECOND', endless: true },
]

/** What differs, under a heading for each part. */
export function differenceLines(result: DiffResult): string[] {
  const {
    first,
    second,
    identical,
    same,
    config = [],
    layers,
    packages = [],
    vulnerabilities = [],
    files = [],
  } = result
  const names = `${printable(first.image)} and ${printable(second.image)}`
  if (identical) return [`${names} are the same image: ${first.digest}`]
  if (same) return [`Nothing differs between ${names}.`]
  const parts = [
    settingLines(config),
    layers ? layerLines(layers) : [],
    packageLines(packages),
    vulnerabilityLines(vulnerabilities),
    fileLines(files),
  ]
  return [
    `First: ${printable(first.image)} (${shortId(first.digest)}), second: ${printable(second.image)} (${shortId(second.digest)})`,
    ...parts.flatMap((lines) => (lines.length > 0 ? ['', ...lines] : [])),
  ]
}

function settingLines(settings: ChangedSetting[]): string[] {
  if (settings.length === 0) return []
  const rows = settings.map(({ setting, name, first, second }) => [
    name === undefined ? setting : `${setting} ${name}`,
    shown(first, name),
    shown(second, name),
  ])
  return ['Settings', ...table(SETTING_COLUMNS, rows, { gap: 2 })]
}

/** Ports and folders have no value, but are there or not. */
function shown(value: string | undefined, name: string | undefined): string {
  if (value === undefined) return '-'
  return value === '' && name !== undefined ? '(set)' : value
}

function layerLines({ shared, first, second }: LayerComparison): string[] {
  if (first.length + second.length === 0) return []
  const total = shared.reduce((sum, layer) => sum + layer.size, 0)
  return [
    'Layers',
    `= ${shared.length} shared, ${size(total)}`,
    ...first.map((layer) => `- ${shortId(layer.digest)}  ${size(layer.size)}`),
    ...second.map((layer) => `+ ${shortId(layer.digest)}  ${size(layer.size)}`),
  ]
}

function packageLines(packages: ChangedPackage[]): string[] {
  if (packages.length === 0) return []
  const rows = packages.map(({ kind, name, first, second }) => [
    kind,
    name,
    versions(first),
    versions(second),
  ])
  return [`Packages: ${packages.length}`, ...table(PACKAGE_COLUMNS, rows, { gap: 2 })]
}

function vulnerabilityLines(vulnerabilities: ChangedVulnerability[]): string[] {
  if (vulnerabilities.length === 0) return []
  const gone = vulnerabilities.filter(({ change }) => change === 'gone').length
  const rows = vulnerabilities.map((one) => [
    one.change === 'gone' ? '-' : '+',
    one.severity,
    one.id,
    one.package,
    one.version,
    one.fixedIn ?? '',
  ])
  return [
    `Vulnerabilities: ${vulnerabilities.length - gone} come, ${gone} gone`,
    ...table(VULNERABILITY_COLUMNS, rows, { gap: 2 }),
  ]
}

function versions(list: string[]): string {
  return list.length > 0 ? list.join(', ') : '-'
}

function fileLines(files: DifferentFile[]): string[] {
  if (files.length === 0) return []
  const count = (change: DifferentFile['change']): number =>
    files.filter((one) => one.change === change).length
  const heading = `Files: ${count('added')} added, ${count('changed')} changed, ${count('removed')} removed`
  const rows = topmost(files).map(({ file, below }) => [
    MARKS[file.change],
    file.first ? String(file.first.size) : '',
    file.second ? String(file.second.size) : '',
    whatOf(file),
    below > 0 ? `${file.path} and ${below} in it` : file.path,
  ])
  return [heading, ...table(FILE_COLUMNS, rows, { gap: 2 })]
}

/** For a folder that only one image has, its content is only counted. */
function topmost(files: DifferentFile[]): { file: DifferentFile; below: number }[] {
  const found: { file: DifferentFile; below: number }[] = []
  for (const file of files) {
    const last = found.at(-1)
    const isBelow = last?.file.change === file.change && file.path.startsWith(`${last.file.path}/`)
    if (last && isBelow && file.change !== 'changed') last.below++
    else found.push({ file, below: 0 })
  }
  return found
}

/** With both sides of whatever a reader would ask about next. */
function whatOf({ what, first, second }: DifferentFile): string {
  if (!first || !second) return (first ?? second)?.kind ?? ''
  const sides: Partial<Record<string, string>> = {
    kind: `${first.kind} > ${second.kind}`,
    mode: `${first.mode} > ${second.mode}`,
    owner: `${first.uid}:${first.gid} > ${second.uid}:${second.gid}`,
    target: `${first.target ?? ''} > ${second.target ?? ''}`,
  }
  return what.map((one) => (sides[one] ? `${one} ${sides[one]}` : one)).join(', ')
}
