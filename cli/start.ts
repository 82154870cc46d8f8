import { VERSION } from '../manifests/program.js'
import { asksForVersion } from './words/version-words.js'

/**
 * Runs one command line. The version is answered before anything else is loaded.
 * @param words what follows the program's name
 * @param verb the verb of a program with a PowerShell name
 */
export function start(words: string[], verb?: string): void {
  const whole = (): void => void import('./main.js').then(({ main }) => main(words, verb))
  if (verb === undefined && words.length === 1 && asksForVersion(words[0])) {
    // If it cannot be written, that is reported like any error.
    process.stdout.once('error', whole)
    process.stdout.write(`${VERSION}\n`)
  } else whole()
}
