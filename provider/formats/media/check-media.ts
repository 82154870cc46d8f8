import { BLOBS_FOLDER, blobPath } from '../../../manifests/index.js'
import type { HashOptions } from '../../copy/check/hash-blobs.js'
import type { VerifyResult } from '../../copy/check/verify-result.js'
import { checkMedia } from './check.js'
import type { MediaLists } from './lists.js'
import { walkFiles } from './walk-files.js'

/**
 * What was found about a media's layout, and about its lists; a wrong blob is reported once.
 * @param result if the layout could not be opened, no blob was read
 */
export async function withMediaLists(
  root: string,
  lists: MediaLists,
  result: VerifyResult,
  { hasher, signal }: HashOptions,
): Promise<VerifyResult> {
  const reads = ({ path }: { path: string }): boolean => result.blobs === 0 || !isBlob(path)
  const found = await checkMedia(root, lists, { hasher, reads, signal })
  const told = new Set(result.problems.map((problem) => problem.digest && blobPath(problem.digest)))
  const problems = [...result.problems, ...found.filter((problem) => !told.has(problem.path))]
  const listed = new Set(lists.list?.files.map(({ path }) => path))
  const others = (await walkFiles(root)).filter(({ path }) => listed.has(path) && !isBlob(path))
  const bytes = result.bytes + others.reduce((sum, { size = 0 }) => sum + size, 0)
  return { ...result, ok: problems.length === 0, bytes, problems }
}

function isBlob(path: string): boolean {
  return path.startsWith(`${BLOBS_FOLDER}/`)
}
