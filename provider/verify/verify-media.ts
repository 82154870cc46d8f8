import { BLOBS_FOLDER, blobPath } from '../../manifests/index.js'
import { checkMedia } from '../media/check.js'
import { readMediaList } from '../media/media.js'
import type { VerifyResult } from '../requests.js'
import type { HashOptions } from './hash-blobs.js'

/** What was found of a media's layout, and of its list besides; a blob that is wrong is told once. */
export async function withMediaList(
  root: string,
  result: VerifyResult,
  { hasher, signal }: HashOptions,
): Promise<VerifyResult> {
  const list = await readMediaList(root)
  if (!list) return result
  const found = await checkMedia(root, list, { hasher, reads: () => true, ...(signal ? { signal } : {}) })
  const told = new Set(result.problems.map((problem) => problem.digest && blobPath(problem.digest)))
  const problems = [...result.problems, ...found.filter((problem) => !told.has(problem.path))]
  const others = list.files.filter((file) => !file.path.startsWith(`${BLOBS_FOLDER}/`))
  const bytes = result.bytes + others.reduce((sum, file) => sum + file.size, 0)
  return { ...result, ok: problems.length === 0, bytes, problems }
}
