import { stat } from 'node:fs/promises'
import path from 'node:path'
import { ContainerImageError, hasCode } from '../../manifests/index.js'
import type { Context } from '../context/context.js'
import { defined } from '../context/defined.js'
import { createRecovery, verifyRecovery } from '../recovery/index.js'
import type { SaveRequest, SaveResult } from '../requests.js'
import { baseOfVolume, isVolumeName } from '../volumes/volume.js'
import { hashOf } from './saved-result.js'

/** Files that have recovery files together. */
interface Group {
  folder: string
  /** `debian-12-5` for `debian-12-5.vol1of3.tar`, and for `debian-12-5.tar`. */
  base: string
  files: string[]
}

/** @throws USAGE where recovery files cannot be made for what is asked for */
export function checkRecovery({ recovery, onlyVolume }: SaveRequest, format: string): void {
  if (recovery === undefined || (format !== 'media' && onlyVolume === undefined)) return
  throw new ContainerImageError(
    'USAGE',
    'Recovery files are made for whole sets of volumes, and for archives.',
    {
      expected: '--recovery with --volume-size, or with a file',
      found: onlyVolume === undefined ? 'a media' : '--only-volume',
      remedy:
        onlyVolume === undefined ? 'Cut the save into volumes with --volume-size.' : 'Leave --recovery out.',
    },
  )
}

/**
 * Makes recovery files for what was saved, with as many slices for each hundred as are asked for. Those that an
 * earlier run made of the same files stay.
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

function groupsOf(files: string[]): Group[] {
  const groups = new Map<string, Group>()
  for (const file of files) {
    const folder = path.dirname(file)
    const name = path.basename(file)
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
  try {
    const { files } = await createRecovery({ ...group, ...defined(options) })
    return files.map((file) => file.path)
  } catch (error) {
    if (!hasCode(error, 'FILE_EXISTS') || !(await isOfTheseFiles(group, signal))) throw error
    return []
  }
}

async function isOfTheseFiles({ folder, base, files }: Group, signal?: AbortSignal): Promise<boolean> {
  const report = await verifyRecovery(path.join(folder, `${base}.par2`), defined({ signal })).catch(
    () => undefined,
  )
  const whole = report?.files.every((file) => file.condition === 'whole' && files.includes(file.name))
  return whole === true && report?.files.length === files.length && report.damagedRecoveryFiles.length === 0
}
