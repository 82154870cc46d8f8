import path from 'node:path'
import { hasCode } from '../../../manifests/index.js'
import { problemOf } from '../../copy/check/problems.js'
import type { Context } from '../../session/context.js'
import { seenSignatures } from '../../trust/taking/look-at-signatures.js'
import type { VerifyReport } from './request.js'

/**
 * Adds who has signed what is at a path, and what is wrong with that: if keys are trusted, they must have
 * signed it, and what they signed must be what is there.
 */
export async function withSignatures(
  context: Context,
  file: string,
  result: VerifyReport,
  beside?: readonly string[],
): Promise<VerifyReport> {
  const { signers, refusal, compare } = await seenSignatures(context, path.resolve(file), beside)
  const problems = [...result.problems]
  if (refusal) problems.push(problemOf(refusal, { path: file }))
  await compare().catch((error) => {
    if (!hasCode(error, 'FILE_CHANGED', 'FILE_MISSING', 'FILE_EXTRA')) throw error
    const problem = problemOf(error, {})
    if (!problems.some(({ code, path }) => code === problem.code && path === problem.path))
      problems.push(problem)
  })
  return {
    ...result,
    ok: problems.length === 0,
    problems,
    ...(signers.length > 0 ? { signers: [{ path: file, signers }] } : {}),
  }
}
