import type { CommonOptions } from '../session/options.js'
import { withDecrypted } from './decrypted.js'
import { withPipes } from './piped.js'

/**
 * Runs a verb with files that can be read in place, instead of pipes and encrypted files: each verb that
 * accepts paths begins with it.
 * @throws as `withPipes` and `withDecrypted`
 */
export async function withReadable<R extends CommonOptions, T>(
  request: R,
  words: readonly string[],
  run: (words: string[], request: R) => Promise<T>,
): Promise<T> {
  return await withPipes(request, words, (files, rest) => withDecrypted(rest, files, run))
}
