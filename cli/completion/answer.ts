import path from 'node:path'
import { printable } from '../../manifests/index.js'
import { candidatesFor } from './candidates.js'
import { wordsOf } from './words.js'

/**
 * Answers a completion script: a line for each candidate, a tab before its description, and at the end
 * `:files`, `:folders` or `:none` for what the shell itself should add.
 * @param request `line TEXT`, the command line up to the cursor; `words PROGRAM WORD...`, the last one at the
 * cursor; or `after PROGRAM WORD...`, with the cursor after them, for shells that lose an empty word
 */
export async function completionAnswer([form, ...given]: string[]): Promise<string[]> {
  const words = form === 'line' ? wordsOf(given[0] ?? '') : form === 'after' ? [...given, ''] : given
  const program = path.basename(words[0] ?? '').replace(/\.(cmd|ps1|exe|m?js)$/i, '')
  const { candidates, files } = await candidatesFor(words.slice(1, -1), words.at(-1) ?? '', program)
  return [
    ...candidates.map(({ value, describe }) => `${printable(value)}\t${printable(describe)}`),
    `:${files}`,
  ]
}
