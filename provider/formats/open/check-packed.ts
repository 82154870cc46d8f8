import { createHash } from 'node:crypto'
import {
  BLOBS_FOLDER,
  ContainerImageError,
  hasCode,
  type ListedFile,
  show,
} from '../../../manifests/index.js'
import type { Members } from '../../archives/members/members.js'
import { problemOf } from '../../copy/check/problems.js'
import type { VerifyProblem, VerifyResult } from '../../copy/check/verify-result.js'
import { isKnown } from '../media/check.js'
import { mediaLists } from '../media/lists.js'

/** More than this is worth a thread that reads the file by itself. */
const SMALL_BYTES = 8 * 1024 * 1024

/** The same members, read through their sums, so that one that is wrong shows: on the way, or where they lie. */
export function throughSums(members: Members): Members {
  return {
    ...members,
    async locate(name) {
      const range = await members.locate(name)
      if (!range?.member || range.size <= SMALL_BYTES) return undefined
      return { ...range, member: { ...range.member, isCompared: true } }
    },
  }
}

/**
 * What was found about the layout in a zip or 7z, and about its other files: each is read, and compared with
 * the list of a media if there is one.
 */
export async function withOtherFiles(
  members: Members,
  result: VerifyResult,
  signal?: AbortSignal,
): Promise<VerifyResult> {
  const { list, problems: wrong = [] } = (await mediaLists(members)) ?? {}
  const listed = new Map((list?.files ?? []).filter(isNoBlob).map((file) => [file.path, file]))
  const problems: VerifyProblem[] = [...result.problems, ...wrong]
  const told = new Set(wrong.map(({ path }) => path))
  let bytes = result.bytes
  for (const { name, kind, size } of await members.list()) {
    if (kind !== 'file' || !isNoBlob({ path: name })) continue
    const expected = listed.get(name)
    listed.delete(name)
    bytes += size
    const problem = await compare(members, name, expected, signal)
    if (told.has(name)) continue
    if (problem) problems.push(problem)
    else if (list && !expected && !isKnown(name, list)) problems.push(extra(name))
  }
  for (const file of listed.values()) if (!told.has(file.path)) problems.push(missing(file))
  return { ...result, ok: problems.length === 0, bytes, problems }
}

function isNoBlob({ path }: { path: string }): boolean {
  return !path.startsWith(`${BLOBS_FOLDER}/`)
}

async function compare(
  members: Members,
  name: string,
  expected: ListedFile | undefined,
  signal?: AbortSignal,
): Promise<VerifyProblem | undefined> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of members.read(name, { signal })) hash.update(chunk)
  } catch (error) {
    if (hasCode(error, 'INTERRUPTED')) throw error
    return problemOf(error, { path: name })
  }
  const found = hash.digest('hex')
  if (!expected || found === expected.sha256) return undefined
  const changed = new ContainerImageError(
    'FILE_CHANGED',
    `${show(name)} is not the file that the list names.`,
    {
      expected: `SHA-256 ${expected.sha256}`,
      found,
    },
  )
  return problemOf(changed, { path: name })
}

function missing({ path, size, sha256 }: ListedFile): VerifyProblem {
  const error = new ContainerImageError('FILE_MISSING', `${show(path)} is missing.`, {
    expected: size === undefined ? `SHA-256 ${sha256}` : `${size} bytes`,
    found: 'nothing',
  })
  return problemOf(error, { path })
}

function extra(path: string): VerifyProblem {
  const error = new ContainerImageError(
    'FILE_EXTRA',
    `${show(path)} is in the archive and not in its list.`,
    {
      expected: 'nothing',
      found: 'a file',
    },
  )
  return problemOf(error, { path })
}
