import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import {
  ContainerImageError,
  hasCode,
  impossible,
  LAYOUT_FILE,
  printable,
  type VolumeList,
} from '../../../manifests/index.js'
import { fileInside } from '../../io/files/inside-folder.js'
import { listFolder } from '../../io/files/list-folder.js'
import { inWords } from '../../io/files/system-errors.js'
import { isVolumeName, readVolume, type Volume } from './volume.js'

/** The volumes of one set that are here. */
export interface VolumeSet {
  /** The folder or file that the user named. */
  label: string
  /** What all of them say; the number is that of one of them. */
  list: VolumeList
  /** By number; a file that is cut short is not among them. */
  volumes: Map<number, string>
  /** What is wrong with files that look as if they belonged to the set. */
  problems: VolumeProblem[]
  /** The folders that were searched. */
  folders: string[]
}

export interface VolumeProblem {
  code: 'VOLUME_DAMAGED' | 'VOLUME_FOREIGN'
  path: string
  number?: number
  expected: string
  found: string
}

export interface FindSetOptions {
  /** Files or folders beside which there may be volumes, too. */
  others?: string[]
  /** Files that are known to be bad. */
  without?: ReadonlySet<string>
}

/**
 * The set that a file or a folder belongs to, with the volumes in its folder and in some others.
 * @returns undefined if the file is not a volume, or the folder has none
 * @throws VOLUME_FOREIGN if a folder holds several sets
 */
export async function findSet(
  target: string,
  { others = [], without = new Set() }: FindSetOptions = {},
): Promise<VolumeSet | undefined> {
  const isFolder = (await inWords(`Opening ${target}`, 'source', () => stat(target))).isDirectory()
  // A folder with a layout counts as that, whatever else is in it.
  if (isFolder && existsSync(path.join(target, LAYOUT_FILE))) return undefined
  const named = isFolder ? undefined : await readVolume(target)
  if (!isFolder && !named) return undefined
  const beside = await Promise.all(others.map(folderOf))
  const own = isFolder ? target : path.dirname(target)
  const folders = [...new Set([own, ...beside].map((one) => path.resolve(one)))]
  const found: Volume[] = []
  const problems: VolumeProblem[] = []
  for (const file of await candidates(folders)) if (!without.has(file)) await readInto(file, found, problems)
  if (
    named &&
    !without.has(path.resolve(target)) &&
    !found.some((volume) => path.resolve(volume.path) === path.resolve(target))
  )
    found.push(named)
  const set = named?.list.set ?? onlySet(target, found)
  return set === undefined ? undefined : gather(target, set, found, problems, folders)
}

async function folderOf(place: string): Promise<string> {
  return (await inWords(`Opening ${place}`, 'source', () => stat(place))).isDirectory()
    ? place
    : path.dirname(place)
}

async function candidates(folders: string[]): Promise<string[]> {
  const files: string[] = []
  for (const folder of folders)
    for (const { name } of await listFolder(folder))
      if (isVolumeName(name) && (await fileInside(folder, name))) files.push(path.join(folder, name))
  return files
}

/** A volume whose start is damaged does not even say which one it is; its name does. */
async function readInto(file: string, found: Volume[], problems: VolumeProblem[]): Promise<void> {
  try {
    const volume = await readVolume(file)
    if (volume) found.push(volume)
    else
      problems.push({
        code: 'VOLUME_DAMAGED',
        path: file,
        expected: 'a volume, as its name says',
        found: 'none',
      })
  } catch (error) {
    if (!hasCode(error, 'INVALID_DOCUMENT')) throw error
    problems.push({
      code: 'VOLUME_DAMAGED',
      path: file,
      expected: 'the list of a volume',
      found: 'another text',
    })
  }
}

function onlySet(target: string, found: Volume[]): string | undefined {
  const sets = [...new Set(found.map((volume) => volume.list.set))]
  if (sets.length <= 1) return sets[0]
  const [one, other] = sets.map((set) => found.find((volume) => volume.list.set === set)?.path ?? '')
  throw new ContainerImageError('VOLUME_FOREIGN', `${target} holds volumes of ${sets.length} sets.`, {
    side: 'source',
    expected: 'volumes of one set',
    found: `${printable(path.basename(one ?? ''))} and ${printable(path.basename(other ?? ''))} do not belong together`,
  })
}

async function gather(
  label: string,
  set: string,
  found: Volume[],
  problems: VolumeProblem[],
  folders: string[],
): Promise<VolumeSet> {
  const own = found.filter((volume) => volume.list.set === set)
  const [first] = own
  if (!first) impossible('A set has a volume.')
  const { volumes } = first.list
  const result: VolumeSet = { label, list: first.list, volumes: new Map(), problems, folders }
  for (const { path: file, list } of own) {
    const expected = volumes[list.number - 1]?.size ?? 0
    const { size } = await inWords(`Reading ${file}`, 'source', () => stat(file))
    if (size === expected) {
      if (!result.volumes.has(list.number)) result.volumes.set(list.number, file)
    } else problems.push({ ...lengthProblem(file, expected, size), number: list.number })
  }
  const names = new Set(volumes.map((volume) => volume.name.toLowerCase()))
  for (const { path: file, list } of found)
    if (list.set !== set && names.has(path.basename(file).toLowerCase()))
      problems.push({
        code: 'VOLUME_FOREIGN',
        path: file,
        number: list.number,
        expected: `a volume of the set ${set.slice(0, 12)}`,
        found: `one of the set ${list.set.slice(0, 12)}`,
      })
  return result
}

function lengthProblem(file: string, expected: number, found: number): VolumeProblem {
  return { code: 'VOLUME_DAMAGED', path: file, expected: `${expected} bytes`, found: `${found} bytes` }
}

/** The numbers of the volumes that a set lacks. */
export function missingOf({ list, volumes }: Pick<VolumeSet, 'list' | 'volumes'>): number[] {
  return list.volumes.map((_, i) => i + 1).filter((number) => !volumes.has(number))
}

/** `debian-12-5.vol2of3.tar and debian-12-5.vol3of3.tar`. */
export function namesOf({ volumes }: VolumeList, numbers: number[]): string {
  const names = numbers.map((number) => printable(volumes[number - 1]?.name ?? ''))
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '')
}
