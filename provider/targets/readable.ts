import type { CommonOptions } from '../session/options.js'
import { withDecrypted } from './decrypted.js'
import { withPipes } from './piped.js'

/**
 * Runs a verb with files that can be read where they lie, in place of pipes and of what is encrypted: each verb whose words
 * may be paths begins with it.
 * @throws as `withPipes` and `withDecrypted`
 */
export async function withReadable<R extends CommonOptions, T>(
  request: R,
  words: readonly string[],
  run: (words: string[], request: R) => Promise<T>,
): Promise<T> {
  return await withPipes(request, words, (files, rest) => withDecrypted(rest, files, run))
}
