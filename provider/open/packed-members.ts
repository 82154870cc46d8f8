import type { Members } from '../members/members.js'
import { isZip } from '../members/zip-end.js'
import type { SevenZipOptions } from '../seven-zip/members.js'

/** The members of a file that is a zip or a 7z; what reads them is loaded when it is needed. */
export async function packedMembers(
  path: string,
  start: Uint8Array,
  options: SevenZipOptions,
): Promise<Members> {
  if (isZip(start)) {
    const { zipMembers } = await import('../members/zip.js')
    return await zipMembers(path)
  }
  const { sevenZipMembers } = await import('../seven-zip/members.js')
  return await sevenZipMembers(path, options)
}
