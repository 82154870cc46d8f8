import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode, option } from '../../../manifests/index.js'
import { plainName } from '../../encryption/names.js'
import type { SavedFormat } from '../../formats/open/saved-formats.js'
import { baseOfVolume, isVolumeName } from '../../formats/volumes/volume.js'
import { removePath } from '../../io/files/rename-and-remove.js'
import { baseOf, createRecovery, isRecoveryFile, verifyRecovery } from '../../recovery/index.js'
import type { Context } from '../../session/context.js'
import type { SaveRequest, SaveResult } from './request.js'
import { hashOf } from './saved-result.js'

/** Files that share a set of recovery files. */
interface Group {
  folder: string
  /** `debian-12-5` for `debian-12-5.vol1of3.tar`, and for `debian-12-5.tar`. */
  base: string
  files: string[]
}

/** @throws USAGE if recovery files cannot be made for the request */
export function checkRecovery({ recovery, onlyVolume }: SaveRequest, { saved }: SavedFormat): void {
  if (recovery === undefined || (!saved.isFolder && onlyVolume === undefined)) return
  throw new ContainerImageError(
    'USAGE',
    'Recovery files are made for whole sets of volumes, and for archives.',
    {
      expected: `${option('recovery')} with ${option('volumeSize')}, or with a file`,
      found: onlyVolume === undefined ? 'a media' : option('onlyVolume'),
      remedy:
        onlyVolume === undefined
          ? `Cut the save into volumes with ${option('volumeSize')}.`
          : `Leave ${option('recovery')} out.`,
    },
  )
}

/**
 * Makes recovery files for what was saved, with the requested number of slices per hundred. Those that an
 * earlier run made for the same files stay.
 * @throws FILE_EXISTS, NO_SPACE, INTERRUPTED
 */
export async function addRecovery(context: Context, request: SaveRequest, result: SaveResult): Promise<void> {
  for (const group of groupsOf(result.files.map((file) => file.path))) {
    for (const file of await made(group, request)) {
      const { size } = await stat(file)
      result.files.push({ path: file, size, sha256: await hashOf(context, file, size, request) })
    }
  }
}

/**
 * Removes the recovery files for what a save has replaced: they would restore that. Those for what was saved
 * stay, and so do those that cover anything else.
 */
export async function dropOutdatedRecovery(
  context: Context,
  { signal }: SaveRequest,
  { files }: SaveResult,
): Promise<void> {
  for (const group of groupsOf(files.map((file) => file.path))) {
    const earlier = await earlierOf(group)
    const [first] = earlier
    if (first === undefined || !(await areOfOlder(group, first, signal))) continue
    for (const name of earlier) await removePath(path.join(group.folder, name))
    context.note(`Recovery files of what was replaced are removed: ${earlier.sort().join(', ')}.`)
  }
}

/** Whether recovery files are for files of these names alone, which now have other bytes. */
async function areOfOlder({ folder, files }: Group, first: string, signal?: AbortSignal): Promise<boolean> {
  const report = await verifyRecovery(path.join(folder, first), { signal }).catch((error) => {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return undefined
  })
  if (!report?.files.every(({ name }) => files.includes(name))) return false
  return report.files.some(({ condition }) => condition !== 'whole')
}

function groupsOf(files: string[]): Group[] {
  const groups = new Map<string, Group>()
  for (const file of files) {
    const folder = path.dirname(file)
    const name = plainName(path.basename(file))
    const base = isVolumeName(name) ? baseOfVolume(name) : path.parse(name).name
    const group = groups.get(path.join(folder, base)) ?? { folder, base, files: [] }
    group.files.push(path.basename(file))
    groups.set(path.join(folder, base), group)
  }
  return [...groups.values()]
}

async function made(group: Group, request: SaveRequest): Promise<string[]> {
  const { recovery = 0, volumeSize, force, signal, onProgress } = request
  const options = { redundancy: recovery, fileSizeLimit: volumeSize, force, signal, onProgress }
  const make = async (more: { force?: boolean }): Promise<string[]> => {
    const { files } = await createRecovery({ ...group, ...options, ...more })
    return files.map((file) => file.path)
  }
  try {
    return await make({})
  } catch (error) {
    if (!hasCode(error, 'FILE_EXISTS')) throw error
    const earlier = await earlierOf(group)
    if (!(await areOfTheseFiles(group, earlier, signal))) throw error
    // The index gets its name last: without it, an earlier run left an incomplete set.
    return earlier.includes(`${group.base}.par2`) ? [] : await make({ force: true })
  }
}

async function earlierOf({ folder, base }: Group): Promise<string[]> {
  return (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && isRecoveryFile(entry.name) && baseOf(entry.name) === base)
    .map(({ name }) => name)
}

/** Whether all recovery files are intact, and cover exactly the files that were saved. */
async function areOfTheseFiles(
  { folder, files }: Group,
  earlier: string[],
  signal?: AbortSignal,
): Promise<boolean> {
  const report = await verifyRecovery(path.join(folder, earlier[0] ?? ''), { signal }).catch(() => undefined)
  if (!report || report.damagedRecoveryFiles.length > 0 || report.otherSets.length > 0) return false
  const areWhole = report.files.every((file) => file.condition === 'whole' && files.includes(file.name))
  return areWhole && report.files.length === files.length
}
