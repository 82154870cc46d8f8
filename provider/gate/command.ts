import { ContainerImageError, option, show } from '../../manifests/index.js'
import { programNamed } from '../io/programs/start-program.js'
import { Settings } from '../session/settings/settings.js'

/** Stands for the folder that the program is to look into. */
const PLACE = '{}'

/** What a request says about its gate. */
export interface GateRequest {
  /**
   * A program that checks images before they are accepted, with `{}` for the folder that they are in:
   * `clamscan -r {}`. It is started without a shell; words are separated by spaces, and quotes keep them
   * together. Default: from the settings; '' for none.
   */
  gate?: string | undefined
}

/**
 * The words of a run's gate: the option, or else the setting; undefined if there is none. If the program is
 * missing, that is noticed before anything is taken.
 * @throws USAGE, PROGRAM_MISSING
 */
export async function gateOf({ gate }: GateRequest): Promise<string[] | undefined> {
  const text = gate ?? (await Settings.read()).get('gate') ?? ''
  if (text.trim() === '') return undefined
  const words = gateWords(text)
  programNamed(words[0] ?? '')
  return words
}

/**
 * The words of a command, the program first.
 * @throws USAGE if it names no program, or has no place for the folder
 */
export function gateWords(text: string): string[] {
  const words = wordsOf(text)
  if (words && words.length > 1 && words[0] !== PLACE && words.some((word) => word.includes(PLACE)))
    return words
  throw new ContainerImageError('USAGE', `${option('gate')} does not say what to run.`, {
    expected: `a program and ${PLACE} for the folder to look into, such as clamscan -r ${PLACE}`,
    found: words ? show(text) : `${show(text)}, with a quote that does not end`,
    remedy: 'Name a program of the PATH, or the full path of one.',
  })
}

/** The words with the folder in them. It stays part of its word, whatever the folder is called. */
export function withPlace(words: readonly string[], place: string): string[] {
  return words.map((word) => word.replaceAll(PLACE, () => place))
}

/**
 * Words as people write them, with spaces between them. Quotes of either kind keep spaces; no other character
 * is special, so Windows paths are written as they are.
 */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = []
  const pattern = /\s*((?:"[^"]*"|'[^']*'|[^\s"'])+)/y
  const whole = text.trim()
  while (pattern.lastIndex < whole.length) {
    const [, word] = pattern.exec(whole) ?? []
    if (word === undefined) return undefined
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single))
  }
  return words
}
