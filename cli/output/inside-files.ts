import type { FilesResult, InsideFile, TakenFile } from '../../provider/index.js'
import { size } from './sizes.js'

const LETTERS: Record<InsideFile['kind'], string> = {
  file: '-',
  folder: 'd',
  link: 'l',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
}

const TITLES = row('MODE', 'OWNER', 'SIZE', 'MODIFIED', 'LAYER', 'NAME')

/**
 * As in `ls -l`, with the layer that each came from; the columns have fixed widths, as there are too many
 * lines to keep.
 */
export function insideFileLines(): {
  files(files: InsideFile[]): string[]
  removed(removed: NonNullable<FilesResult['removed']>): string[]
} {
  let head = [TITLES]
  return {
    files(files) {
      const lines = [...head, ...files.map(fileLine)]
      head = []
      return lines
    },
    removed: (removed) => removed.map(({ path, layer }) => row('(removed)', '', '', '', String(layer), path)),
  }
}

function fileLine(file: InsideFile): string {
  const bytes = file.device ? `${file.device.major},${file.device.minor}` : String(file.size)
  const modified = file.modified.slice(0, 16).replace('T', ' ')
  return row(modeText(file), `${file.uid}:${file.gid}`, bytes, modified, String(file.layer), nameOf(file))
}

function row(
  mode: string,
  owner: string,
  bytes: string,
  modified: string,
  layer: string,
  name: string,
): string {
  return `${mode.padEnd(10)} ${owner.padEnd(9)} ${bytes.padStart(10)} ${modified.padEnd(16)} ${layer.padStart(5)} ${name}`
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
