import { stat } from 'node:fs/promises'
import path from 'node:path'
import { hasCode, type VolumeList } from '../../../manifests/index.js'
import { listFolder } from '../../io/files/list-folder.js'
import { baseOfVolume, isVolumeName, readVolume } from './volume.js'

/**
 * The volumes of other sets in a folder that have the name of a set to be made there: from an earlier save with another
 * size, or of other images. Nobody could install from the folder while both are in it.
 * @param base with which all names of the set begin
 */
export async function otherVolumes(
  folder: string,
  base: string,
  { set, volumes }: Pick<VolumeList, 'set' | 'volumes'>,
): Promise<string[]> {
  if (!(await isFolder(folder))) return []
  const planned = new Set(volumes.map(({ name }) => name))
  const others: string[] = []
  for (const entry of await listFolder(folder, 'destination')) {
    const { name } = entry
    if (!entry.isFile() || !isVolumeName(name) || baseOfVolume(name) !== base) continue
    const file = path.join(folder, name)
    const there = await setOf(file)
    // A volume that does not even say which set it belongs to: its name does.
    if (there === undefined ? !planned.has(name) : there !== set) others.push(file)
  }
  return others
}

async function setOf(file: string): Promise<string | undefined> {
  try {
    return (await readVolume(file))?.list.set
  } catch (error) {
    if (hasCode(error, 'INVALID_DOCUMENT', 'PATH_NOT_FOUND')) return undefined
    throw error
  }
}

async function isFolder(place: string): Promise<boolean> {
  return await stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
