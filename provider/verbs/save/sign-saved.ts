import path from 'node:path'
import { groupedBy } from '../../../manifests/groups.js'
import { SUMS_ENDING, sumsBytes } from '../../../manifests/index.js'
import { isReadableName } from '../../archives/endings.js'
import { isWimFile } from '../../formats/open/is-wim-file.js'
import { openPath } from '../../formats/open/open-path.js'
import { baseOfVolume } from '../../formats/volumes/volume.js'
import { partName } from '../../formats/wim/write/index.js'
import { closing } from '../../io/closing/closing.js'
import { replaceFile } from '../../io/files/durable.js'
import { inWords } from '../../io/files/system-errors.js'
import type { Context } from '../../session/context.js'
import { writeSigned } from '../../trust/sign/sign-list.js'
import { documentsSum } from '../../trust/signed/documents-sum.js'
import type { SaveResult } from './request.js'
import { hashOf } from './saved-result.js'
import type { SavingRequest } from './saving-request.js'

/**
 * Signs what a save has written into a folder: beside each archive, WIM or set of volumes it puts a list of
 * the sums of its files, and of files that go with all of them. Everything was hashed when it was written,
 * and is not read again.
 * @param archives the paths that were written first: archives, volumes, WIMs, and SBOMs
 * @throws NO_SPACE, PERMISSION_DENIED
 */
export async function signSaved(
  context: Context,
  archives: readonly string[],
  request: SavingRequest,
  result: SaveResult,
): Promise<void> {
  const { keys = [] } = request
  if (keys.length === 0) return
  const own = archives.filter((file) => isReadableName(path.basename(file)))
  const besides = result.files.filter(({ path: file }) => !own.includes(file))
  const images = result.images.map(({ name, version }) => `${name}:${version}`)
  for (const [list, files] of groupsOf(own)) {
    const listed = [...result.files.filter(({ path: file }) => files.includes(file)), ...besides]
    const bytes = sumsBytes(
      listed.map(({ path: file, sha256 }) => ({ path: path.basename(file), sha256 })).sort(byPath),
    )
    const said = { images, documents: await documentsOf(files) }
    const made = await writeSigned(list, bytes, keys, { said }, () =>
      inWords(`Writing ${list}`, 'destination', () => replaceFile(list, bytes)),
    )
    result.files.push({
      path: list,
      size: bytes.length,
      sha256: await hashOf(context, list, bytes.length, request),
    })
    result.files.push(...made.map(({ keyId: _, ...file }) => file))
    result.signatures = [...(result.signatures ?? []), ...made.map(({ path, keyId }) => ({ path, keyId }))]
  }
}

/** By the path of their list. */
function groupsOf(files: readonly string[]): Map<string, string[]> {
  return groupedBy(files, (file) => `${firstOf(file, files)}${SUMS_ENDING}`)
}

/**
 * What a list is named after: the file itself, the first part of a WIM, or the common part of the volumes'
 * names.
 */
function firstOf(file: string, files: readonly string[]): string {
  const isPart = (first: string): boolean => files.some((_, i) => i > 0 && partName(first, i + 1) === file)
  return files.find((first) => first.endsWith('.swm') && isPart(first)) ?? baseOfVolume(file)
}

/** Undefined if nothing in it has a digest, or if it would have to be unpacked. */
async function documentsOf(files: readonly string[]): Promise<string | undefined> {
  const [file = ''] = files
  if (file.endsWith('.7z') || (await isWimFile(file))) return undefined
  const collection = await openPath(file)
  return await closing(collection, async () => documentsSum(collection))
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : 1
}
