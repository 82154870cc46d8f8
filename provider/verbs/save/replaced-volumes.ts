import path from 'node:path'
import { ContainerImageError, option, printable } from '../../../manifests/index.js'
import { otherVolumes } from '../../formats/volumes/other-volumes.js'
import type { VolumePlan } from '../../formats/volumes/plan.js'
import { listFolder } from '../../io/files/list-folder.js'
import { baseOf, isRecoveryFile } from '../../recovery/file-name.js'

/**
 * What a set of volumes replaces: volumes of another set with its name, and their recovery files, which would
 * restore those.
 * @throws FILE_EXISTS if there are any, unless they may be overwritten; nothing has been written by then
 */
export async function replacedVolumes(
  folder: string,
  base: string,
  { list }: VolumePlan,
  { force = false }: { force?: boolean | undefined },
): Promise<string[]> {
  const others = await otherVolumes(folder, base, list)
  if (others.length === 0) return []
  if (!force) throw otherSet(folder, others)
  const recovery = (await listFolder(folder, 'destination'))
    .filter((entry) => entry.isFile() && isRecoveryFile(entry.name) && baseOf(entry.name) === base)
    .map(({ name }) => path.join(folder, name))
  return [...others, ...recovery]
}

function otherSet(folder: string, others: string[]): ContainerImageError {
  const names = others.map((file) => printable(path.basename(file))).sort()
  return new ContainerImageError('FILE_EXISTS', `${folder} has volumes of another set of this name.`, {
    side: 'destination',
    expected: 'no volumes of this name, or those of this very set',
    found: names.join(', '),
    remedy: `Choose another ${option('path')}, or replace them with ${option('force')}.`,
    details: { names },
  })
}
