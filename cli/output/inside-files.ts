import type { FilesResult, InsideFile, TakenFile } from '../../provider/index.js'
import { size } from './sizes.js'
import { type Column, table } from './table.js'

const COLUMNS: Column[] = [
  { title: 'MODE' },
  { title: 'OWNER' },
  { title: 'SIZE', align: 'right' },
  { title: 'MODIFIED' },
  { title: 'LAYER', align: 'right' },
  { title: 'NAME', endless: true },
]

const LETTERS: Record<InsideFile['kind'], string> = {
  file: '-',
  folder: 'd',
  link: 'l',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
}

/** As `ls -l` has them, and which layer brought each; then what layers took away. */
export function insideFileLines({ files, removed = [] }: FilesResult): string[] {
  if (files.length + removed.length === 0) return ['There is nothing in it.']
  const rows = files.map((file) => [
    modeText(file),
    `${file.uid}:${file.gid}`,
    file.device ? `${file.device.major},${file.device.minor}` : String(file.size),
    file.modified.slice(0, 16).replace('T', ' '),
    String(file.layer),
    nameOf(file),
  ])
  const gone = removed.map(({ path, layer }) => ['(removed)', '', '', '', String(layer), path])
  return table(COLUMNS, [...rows, ...gone], { gap: 2 })
}

export function takenFileLines({ path, output, ...taken }: TakenFile, whatIf: boolean): string[] {
  const verb = whatIf ? 'Would write' : 'Wrote'
  return [`${verb} ${output}: ${path} of ${taken.image}, ${size(taken.size)}`]
}

function nameOf({ path, target, sameAs }: InsideFile): string {
  if (target !== undefined) return `${path} -> ${target}`
  return sameAs === undefined ? path : `${path} = ${sameAs}`
}

/** The ten characters of `ls -l` (POSIX.1-2017, ls, "STDOUT"). */
function modeText({ kind, mode }: InsideFile): string {
  const bits = Number.parseInt(mode, 8)
  const special = [bits & 0o4000, bits & 0o2000, bits & 0o1000]
  const triples = [6, 3, 0].map((shift, i) => {
    const [r, w, x] = [4, 2, 1].map((bit) => (bits >> shift) & bit)
    const letter = i === 2 ? 't' : 's'
    const last = special[i] ? (x ? letter : letter.toUpperCase()) : x ? 'x' : '-'
    return `${r ? 'r' : '-'}${w ? 'w' : '-'}${last}`
  })
  return `${LETTERS[kind]}${triples.join('')}`
}
